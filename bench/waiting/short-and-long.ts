import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import type { Observer } from '../../src/task-service/observer.js';
import { startWorker } from '../../src/worker/start-worker.js';
import { workerConfig } from '../worker-config.js';

interface Work {
  readonly runs: number;
  readonly minutes: number;
  /** How much faster than life everything is. */
  readonly speed: number;
}

interface Outcome {
  /** From each end to when it was seen, real milliseconds. */
  readonly delays: readonly number[];
  readonly polls: number;
}

/** Runs tasks with a worker and an account of 120 requests a minute that have nothing else to do. */
async function runAll(temporalAddress: string, { runs, minutes, speed }: Work): Promise<Outcome> {
  const delays: number[] = [];
  let polls = 0;
  const observer: Observer = {
    onPoll: () => void (polls += 1),
    onEnded: ({ at = Number.NaN }) => void delays.push(Date.now() - at),
  };
  const emulator = await startEmulator({
    rateLimit: { limit: 120, windowSeconds: 60 / speed },
    scenario: { seconds: (minutes * 60) / speed, rows: 5 },
  });
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-'));
  const taskQueue = `alone-${crypto.randomUUID().slice(0, 8)}`;
  const place = { temporalAddress, taskQueue, url: emulator.url, directory, limit: 120 };
  const worker = await startWorker(workerConfig(place), { speed, observer });
  const connection = await Connection.connect({ address: temporalAddress });
  const titanflow = createTitanflowClient({ client: new Client({ connection }), taskQueue });
  const task = { name: 'alone', urls: ['https://example.com/'], objective: 'x', execution_type: 'single' };
  const started = await Promise.all(
    Array.from({ length: runs }, async (_, run) => titanflow.runTask(`${taskQueue}-${run}`, { task })),
  );
  await Promise.all(started.map(async ({ result }) => result()));
  await worker.shutdown();
  await connection.close();
  await emulator.close();
  await rm(directory, { recursive: true, force: true });
  return { delays, polls };
}

/** How soon the ends of short executions are noticed. */
export async function tellShort(temporalAddress: string): Promise<void> {
  const { delays } = await runAll(temporalAddress, { runs: 10, minutes: 5 / 60, speed: 1 });
  const [least, most] = [Math.min(...delays), Math.max(...delays)].map((delay) => (delay / 1000).toFixed(2));
  console.log(`${delays.length} runs of 5 s: seen to have ended after ${least} to ${most} s`);
}

/** How often a long execution is asked for. */
export async function tellLong(temporalAddress: string): Promise<void> {
  const speed = 60;
  const { polls } = await runAll(temporalAddress, { runs: 1, minutes: 120, speed });
  console.log(`one run of 2 hours (${speed} times as fast): ${polls} polls`);
}
