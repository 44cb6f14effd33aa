import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import type { Publication, RunTaskResult } from '../../src/domain/run.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import { endProcess, startWorkerProcess } from '../worker-process.js';
import { OUTPUT_SCHEMA, type RowsFile } from './rows.js';

export interface OurLoad {
  /** From the beginning of the export to the commit, as Temporal's history tells it. */
  readonly wholeSeconds: number;
  /** From the staged export to the commit. */
  readonly publishSeconds: number;
  /** The most memory that the worker's process has had. */
  readonly peakMegabytes: number;
}

export interface OurPlace {
  readonly temporalAddress: string;
  readonly directory: string;
  /** Of the stores file. */
  readonly stores: string;
}

/**
 * One run of a task whose results are that file, by a worker process of its own. Before it, the worker loads a small file
 * into another table: workers run for weeks, and what they do first is slower than what they do later.
 */
export async function loadByUs(
  place: OurPlace,
  file: RowsFile,
  warmUp: RowsFile,
  publication: Publication,
): Promise<OurLoad> {
  const directory = join(place.directory, randomUUID());
  await mkdir(directory);
  await writeFile(join(directory, 'stores.yaml'), place.stores);
  const emulator = await startEmulator({
    requestsPerMinute: 0,
    scenario: {
      seconds: 0,
      rows: file.rows,
      file: file.path,
      tasks: [{ name: WARM_UP, rows: warmUp.rows, file: warmUp.path }],
    },
  });
  const taskQueue = randomUUID();
  const worker = await startWorkerProcess({
    TEMPORAL_ADDRESS: place.temporalAddress,
    TITANFLOW_TASK_QUEUE: taskQueue,
    TITANFLOW_STORES: join(directory, 'stores.yaml'),
    TITANFLOW_STAGING: join(directory, 'staging'),
    TITANFLOW_LOG: 'error',
    TITAN_API_URL: emulator.url,
    TITAN_TOKEN: 'bench',
  });
  const connection = await Connection.connect({ address: place.temporalAddress });
  try {
    const client = new Client({ connection });
    const load = async (name: string, into: Publication): Promise<RunTaskResult> => {
      const task = { ...TASK, name };
      const { result } = await createTitanflowClient({ client, taskQueue }).runTask(`${name} ${taskQueue}`, {
        task,
        publish: [into],
      });
      return result();
    };
    await load(WARM_UP, { ...publication, table: `warm_${randomUUID()}` });
    const { executionId, published } = await load(`Bench ${taskQueue}`, publication);
    if (published[0]?.rows !== file.rows) throw new Error(`published ${published[0]?.rows} of ${file.rows} rows`);
    const times = await activityTimes(client, `execution/${executionId}`);
    const status = await readFile(`/proc/${worker.pid}/status`, 'utf8');
    return {
      wholeSeconds: times('publishRows').end - times('exportResults').start,
      publishSeconds: times('publishRows').end - times('publishRows').start,
      peakMegabytes: Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024,
    };
  } finally {
    await endProcess(worker, 'SIGTERM');
    await connection.close();
    await emulator.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const WARM_UP = 'Warm up';
const TASK = {
  urls: ['https://example.com/'],
  objective: 'x',
  execution_type: 'single',
  output_schema: OUTPUT_SCHEMA,
} as const;

type Times = (activity: string) => { readonly start: number; readonly end: number };

/** When activities were started and completed, in seconds. */
async function activityTimes(client: Client, workflowId: string): Promise<Times> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const secondsOf = (event: NonNullable<typeof events>[number] | undefined): number =>
    Number(event?.eventTime?.seconds ?? NaN) + (event?.eventTime?.nanos ?? NaN) / 1e9;
  return (activity) => {
    const scheduled = events?.find((e) => e.activityTaskScheduledEventAttributes?.activityType?.name === activity);
    const id = scheduled?.eventId?.toNumber() ?? NaN;
    const isOf = (attributes: { readonly scheduledEventId?: { toNumber(): number } | null } | null | undefined) =>
      attributes?.scheduledEventId?.toNumber() === id;
    return {
      start: secondsOf(events?.find((e) => isOf(e.activityTaskStartedEventAttributes))),
      end: secondsOf(events?.find((e) => isOf(e.activityTaskCompletedEventAttributes))),
    };
  };
}
