import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledFailure, Client, Connection, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { Client as PostgresClient } from 'pg';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import { isLive } from '../../src/domain/status.js';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { createRandom, type Random } from '../../src/emulator/random.js';
import { startPostgres } from '../helpers/postgres.js';
import { checkBooks, type Books, type EndedRun } from './check-books.js';
import { CHAOS } from './scenario.js';
import { startWorkerPair } from './worker-pair.js';

export interface ChaosOptions {
  readonly runs: number;
  readonly seed: number;
  readonly temporalAddress: string;
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly books: Books;
  /** Requests that were hit, by kind of fault. */
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly cancels: number;
  readonly pauses: number;
  readonly terminations: number;
  readonly ends: Readonly<Record<EndedRun['end'], number>>;
  readonly billed: number;
}

const AT_ONCE = 24;
const TASKS = 4;

/** Runs many runs while everything fails, and then looks whether the books balance. */
export async function runChaos({ runs, seed, temporalAddress, say }: ChaosOptions): Promise<ChaosReport> {
  const random = createRandom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-chaos-'));
  const database = await startPostgres();
  const emulator = await startEmulator({ requestsPerMinute: 0, seed, scenario: CHAOS });
  const taskQueue = `chaos-${crypto.randomUUID().slice(0, 8)}`;
  await writeFile(join(directory, 'stores.yaml'), 'stores: { warehouse: { kind: postgres, url: "${DATABASE_URL}" } }');
  const env = {
    TEMPORAL_ADDRESS: temporalAddress,
    TITANFLOW_TASK_QUEUE: taskQueue,
    TITAN_API_URL: emulator.url,
    TITAN_TOKEN: 'chaos',
    TITAN_RPM: '0',
    DATABASE_URL: database.url,
    TITANFLOW_LOG: 'error',
  };
  const workers = await startWorkerPair({ env, cwd: directory }, random, Math.ceil(runs / 8));
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const titanflow = createTitanflowClient({ client, taskQueue });
  const done: EndedRun[] = [];
  const disturbances: Disturbances = { cancels: 0, pauses: 0, terminations: 0 };

  async function runOne(index: number): Promise<void> {
    const workflowId = `${taskQueue}/${index}`;
    const task = { ...TASK, name: `Chaos ${index % TASKS}` };
    const publish = [{ store: 'warehouse', table: 'products', mode: 'append' }] as const;
    const { result } = await titanflow.runTask(workflowId, { task, publish });
    const ended = result().then(
      ({ executionId }): EndedRun => ({ workflowId, end: 'completed', executionId }),
      (error: unknown) => endedBadly(workflowId, error),
    );
    const disturbed = disturb(client, workflowId, createRandom(seed * 100_003 + index), disturbances);
    done.push(await ended);
    await disturbed;
    if (done.length % 20 === 0) say(`${done.length} of ${runs} runs over, ${workers.kills()} workers killed`);
  }

  let next = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (next < runs) await runOne(next++);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, runs) }, oneAfterAnother));
    const postgres = new PostgresClient(database.url);
    await postgres.connect();
    await sweep(client, taskQueue);
    await untilNothingRuns(emulator);
    const ledger = emulator.ledger();
    const books = await checkBooks(done, ledger, client, postgres).finally(() => postgres.end());
    const count = (end: EndedRun['end']): number => done.filter((run) => run.end === end).length;
    const ends = {
      completed: count('completed'),
      cancelled: count('cancelled'),
      terminated: count('terminated'),
      failed: count('failed'),
    };
    return { books, faults: ledger.faults, kills: workers.kills(), ...disturbances, ends, billed: ledger.billed };
  } finally {
    await workers.stop();
    await connection.close();
    await emulator.close();
    await database.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const TASK = {
  urls: ['https://example.com/product/1'],
  objective: 'Extract product details',
  output_schema: { type: 'object', properties: { title: { type: 'string' }, price: { type: 'string' } } },
  execution_type: 'single',
};

interface Disturbances {
  cancels: number;
  pauses: number;
  terminations: number;
}

/** Some runs are cancelled, terminated, or paused for a while, at any moment of their lives. */
async function disturb(client: Client, workflowId: string, random: Random, counts: Disturbances): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const kind = random.fraction();
  await sleep(random.integer(0, 12_000));
  // What is over, or about to be, refuses it.
  const happens = (call: Promise<unknown>): Promise<boolean> =>
    call.then(
      () => true,
      () => false,
    );
  if (kind < 0.12) counts.cancels += (await happens(handle.cancel())) ? 1 : 0;
  else if (kind < 0.2) counts.terminations += (await happens(handle.terminate('by chaos'))) ? 1 : 0;
  else if (kind < 0.38 && (await happens(handle.executeUpdate('pause')))) {
    counts.pauses += 1;
    await sleep(random.integer(500, 4_000));
    await happens(handle.executeUpdate('resume'));
  }
}

/** Only this finds what was started for a workflow that was terminated, by a worker that was killed. */
async function sweep(client: Client, taskQueue: string): Promise<void> {
  const args = [{ policy: 'stop', olderThan: '1 second' }];
  await client.workflow.execute('sweepOrphans', { workflowId: `${taskQueue}/sweep`, taskQueue, args });
}

/** What was claimed to be stopped takes a moment. */
async function untilNothingRuns(emulator: Emulator): Promise<void> {
  const until = Date.now() + 30_000;
  while (Date.now() < until && emulator.ledger().executions.some(({ status }) => isLive(status))) await sleep(500);
}

function endedBadly(workflowId: string, error: unknown): EndedRun {
  const cause: unknown = error instanceof WorkflowFailedError ? error.cause : error;
  if (cause instanceof CancelledFailure) return { workflowId, end: 'cancelled' };
  if (cause instanceof TerminatedFailure) return { workflowId, end: 'terminated' };
  return { workflowId, end: 'failed', reason: cause instanceof Error ? cause.message : String(cause) };
}
