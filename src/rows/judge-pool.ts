import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { JudgeLimits } from './record-judge.js';

/** A record's values are garbage at once. */
const YOUNG_MEGABYTES = 16;
/** A record of 16 MiB of small values takes hundreds of them. */
export const JUDGE_MEGABYTES = 1024;
/** Most threads that are kept, as many as a worker has exports at once. Others end when their work is done. */
const MOST_IDLE = 4;

/** Threads that have judged and wait for more: starting one takes longer than most exports take to be judged. */
const idle: Worker[] = [];

/** Takes a thread that nobody else uses, or starts one. */
export function takeThread(limits?: JudgeLimits): Worker {
  const waiting = limits === undefined ? idle.pop() : undefined;
  waiting?.ref();
  return waiting ?? startThread(limits);
}

/** Gives back a thread that has answered all that it was told. Nobody listens to it any more. */
export async function giveBack(thread: Worker): Promise<void> {
  if (idle.length >= MOST_IDLE) {
    await thread.terminate();
    return;
  }
  // It does not keep the process from ending.
  thread.unref();
  idle.push(thread);
}

function startThread(limits: JudgeLimits | undefined): Worker {
  // A thread runs what the build has made, whoever starts it.
  const thread = new Worker(createRequire(import.meta.url).resolve('#judge-thread'), {
    workerData: limits,
    name: 'titanflow-judge',
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES, maxOldGenerationSizeMb: JUDGE_MEGABYTES },
  });
  const forget = (): void => {
    const position = idle.indexOf(thread);
    if (position !== -1) idle.splice(position, 1);
  };
  return thread.on('error', forget).on('exit', forget);
}
