import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { DocumentError } from './document-error.js';
import type { ExaminerOptions, Profile } from './examiner.js';
import type { FromJudge, ToJudge } from './judge-thread.js';
import type { RejectedRecord } from './record-judge.js';
import type { CutRecord } from './record-splitter.js';

/** A thread that judges the records of one export, in their order. */
export interface JudgeThread {
  /** Resolves when more can be taken; gives the rejects that are known by now. @throws DocumentError */
  judge(records: readonly CutRecord[]): Promise<readonly RejectedRecord[]>;
  /** With the rejects that were not told yet. @throws DocumentError */
  finish(): Promise<{ readonly profile: Profile; readonly rejects: readonly RejectedRecord[] }>;
  /** When all that it was told is judged. @throws DocumentError */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** So many batches may wait for the thread: enough that neither side waits for the other. */
const MOST_WAITING = 8;
/** What a record becomes is garbage at once. */
const YOUNG_MEGABYTES = 16;
/** A record of 16 MiB of small values takes hundreds of them. */
const OLD_MEGABYTES = 1024;

export function startJudgeThread(options: ExaminerOptions): JudgeThread {
  // A thread runs what the build has made, whoever starts it.
  const worker = new Worker(createRequire(import.meta.url).resolve('#judge-thread'), {
    workerData: options,
    name: 'titanflow-judge',
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES, maxOldGenerationSizeMb: OLD_MEGABYTES },
  });
  let rejects: RejectedRecord[] = [];
  let waiting = 0;
  let profile: Profile | undefined;
  let failure: Error | undefined;
  let wake = (): void => undefined;

  worker.on('message', (message: FromJudge) => {
    waiting -= 1;
    if ('failed' in message) failure ??= new DocumentError(message.failed.reason, message.failed.message);
    else if ('profile' in message) profile = message.profile;
    else rejects.push(...message.rejects);
    wake();
  });
  worker.on('error', (error) => {
    failure ??= error;
    wake();
  });

  async function until(isSo: () => boolean): Promise<void> {
    for (;;) {
      if (failure !== undefined) throw failure;
      if (isSo()) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  function tell(message: ToJudge): void {
    waiting += 1;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
    worker.postMessage(message);
  }

  function known(): readonly RejectedRecord[] {
    const all = rejects;
    rejects = [];
    return all;
  }

  return {
    async judge(records) {
      if (records.length > 0) tell(records);
      await until(() => waiting < MOST_WAITING);
      return known();
    },
    async finish() {
      tell(undefined);
      await until(() => profile !== undefined);
      if (profile === undefined) throw new Error('the thread has judged nothing');
      return { profile, rejects: known() };
    },
    settled: () => until(() => waiting === 0),
    async close() {
      await worker.terminate();
    },
  };
}
