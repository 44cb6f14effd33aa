import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import type { Ledger } from '../../src/emulator/ledger.js';
import { startWorker } from '../../src/worker/start-worker.js';

interface Work {
  readonly runs: number;
  readonly minutes: number;
  /** How much faster than life everything is. */
  readonly speed: number;
}

/** Runs tasks with a worker and an account of 120 requests a minute that have nothing else to do. */
async function runAll(temporalAddress: string, { runs, minutes, speed }: Work): Promise<Ledger> {
  const emulator = await startEmulator({
    rateLimit: { limit: 120, windowSeconds: 60 / speed },
    scenario: { seconds: (minutes * 60) / speed, rows: 5 },
  });
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-'));
  const taskQueue = `alone-${crypto.randomUUID().slice(0, 8)}`;
  const worker = await startWorker(
    {
      temporal: { connectionOptions: { address: temporalAddress }, namespace: 'default' },
      taskQueue,
      titan: { url: emulator.url, token: 'bench', auth: 'bearer', requestsPerMinute: 120 },
      stores: {},
      stagingDirectory: directory,
      instance: 'bench',
      secrets: new Map(),
    },
    { speed },
  );
  const connection = await Connection.connect({ address: temporalAddress });
  const titanflow = createTitanflowClient({ client: new Client({ connection }), taskQueue });
  const task = { name: 'alone', urls: ['https://example.com/'], objective: 'x', execution_type: 'single' };
  const started = await Promise.all(
    Array.from({ length: runs }, async (_, run) => titanflow.runTask(`${taskQueue}-${run}`, { task })),
  );
  await Promise.all(started.map(async ({ result }) => result()));
  const ledger = emulator.ledger();
  await worker.shutdown();
  await connection.close();
  await emulator.close();
  await rm(directory, { recursive: true, force: true });
  return ledger;
}

/** How soon the ends of short executions are noticed: from each end to the request for its export. */
export async function tellShort(temporalAddress: string): Promise<void> {
  const { executions, requests } = await runAll(temporalAddress, { runs: 10, minutes: 5 / 60, speed: 1 });
  const delays = executions.map(({ id, finishedAt = '' }) => {
    const asked = requests.find(({ path }) => path.endsWith(`/${id}/results/export`));
    return (Date.parse(asked?.at ?? '') - Date.parse(finishedAt)) / 1000;
  });
  const [least, most] = [Math.min(...delays), Math.max(...delays)];
  console.log(`ten runs of 5 s: exported ${least.toFixed(2)} to ${most.toFixed(2)} s after their ends`);
}

/** How often a long execution is asked for. */
export async function tellLong(temporalAddress: string): Promise<void> {
  const { counts } = await runAll(temporalAddress, { runs: 1, minutes: 120, speed: 240 });
  const polls = (counts['GET /executions'] ?? 0) + (counts['GET /executions/:id'] ?? 0);
  console.log(`one run of 2 hours (240 times as fast): ${polls} polls`);
}
