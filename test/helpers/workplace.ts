import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { inject } from 'vitest';
import { createTitanflowClient, type TitanflowClient } from '../../src/client/titanflow-client.js';
import type { WorkerConfig } from '../../src/config.js';
import type { FailureDetails } from '../../src/domain/failures.js';
import type { StoresConfig } from '../../src/domain/store-config.js';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.js';
import type { LedgerExecution } from '../../src/emulator/ledger.js';
import { installLogging } from '../../src/worker/logging.js';
import { startWorker, type RunningWorker, type WorkerOptions } from '../../src/worker/start-worker.js';

export interface WorkplaceOptions {
  readonly emulator?: EmulatorOptions;
  readonly stores?: StoresConfig;
  readonly titan?: Partial<WorkerConfig['titan']>;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A real worker on the real Temporal server, an emulator of the Task Service, and folders of their own. */
export interface Workplace {
  readonly emulator: Emulator;
  readonly client: Client;
  readonly titanflow: TitanflowClient;
  readonly config: WorkerConfig;
  /** Where the store `local` keeps its tables. */
  readonly out: string;
  /** The staging directory. */
  readonly staging: string;
  startWorker(changes?: Partial<WorkerConfig>, options?: WorkerOptions): Promise<RunningWorker>;
  /** The executions of tasks that were made from a definition with this name. */
  executionsOf(name: string): readonly LedgerExecution[];
  close(): Promise<void>;
}

let isLogging = false;

export async function openWorkplace(options: WorkplaceOptions = {}): Promise<Workplace> {
  if (!isLogging) installLogging('error');
  isLogging = true;
  const address = inject('temporalAddress');
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-test-'));
  const out = join(directory, 'out');
  const staging = join(directory, 'staging');
  const emulator = await startEmulator({
    requestsPerMinute: 0,
    scenario: { seconds: 1, rows: 5 },
    ...options.emulator,
  });
  const config: WorkerConfig = {
    temporal: { connectionOptions: { address }, namespace: 'default' },
    taskQueue: `test-${crypto.randomUUID().slice(0, 8)}`,
    titan: { url: emulator.url, token: CANARY, auth: 'bearer', requestsPerMinute: 0, ...options.titan },
    stores: { local: { kind: 'files', directory: out, format: 'jsonl' }, ...options.stores },
    staging: { kind: 'directory', directory: staging },
    stagingKeepMs: 7 * 24 * 3_600_000,
    instance: undefined,
    secrets: new Map(Object.entries(options.secrets ?? {})),
  };
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const workers: RunningWorker[] = [];
  return {
    emulator,
    client,
    config,
    out,
    staging,
    titanflow: createTitanflowClient({ client, taskQueue: config.taskQueue }),
    executionsOf: (name) => emulator.ledger().executions.filter(({ taskName }) => taskName.startsWith(`${name} [tf `)),
    async startWorker(changes = {}, options = {}) {
      const worker = await startWorker({ ...config, ...changes }, options);
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.shutdown()));
      await connection.close();
      await emulator.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The token of every test: it must never be found anywhere. */
export const CANARY = 'canary-token-7f3a';

/** The vendor guide's own task. */
export const PRODUCT_TASK = {
  name: 'Product extraction',
  urls: ['https://example.com/product/1'],
  objective: 'Extract product details',
  output_schema: { type: 'object', properties: { title: { type: 'string' }, price: { type: 'string' } } },
  execution_type: 'single',
};

/** The one top-level failure in which a workflow ended. */
export async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure & { details: [FailureDetails] }> {
  const error: unknown = await result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) {
    throw new Error(`expected an ApplicationFailure, got ${String(error)}`, { cause: error });
  }
  return error.cause as ApplicationFailure & { details: [FailureDetails] };
}

/** All rows that a table's manifest lists. */
export async function readTable(directory: string, table: string): Promise<Record<string, unknown>[]> {
  const manifest = JSON.parse(await readFile(join(directory, table, '_manifest.json'), 'utf8')) as {
    files: { name: string }[];
  };
  const texts = await Promise.all(manifest.files.map(({ name }) => readFile(join(directory, table, name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
}

/** Every file below a directory, for looking through. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
