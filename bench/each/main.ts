import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import type { RunForEachInput } from '../../src/domain/for-each.js';
import { pipelineWorkflowId, stepWorkflowId } from '../../src/domain/ids.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import type { runForEach } from '../../src/workflows/index.js';
import { startServer } from '../temporal-server.js';
import { endProcess, startWorkerProcess } from '../worker-process.js';
import { watchMemory } from './watch-memory.js';

/** One step that is fed with 100,000 rows in 2,000 batches, of which two end badly: its histories, memory and bill. */
const ROWS = Number(process.argv[2] ?? 100_000);
const BATCH = 50;
const PARALLEL = 40;
const BAD_BATCHES = 2;
const say = (line: string): void => console.error(line);

const scenario = { seconds: 0, rows: BATCH, tasks: [{ name: 'Find', rows: ROWS }] } satisfies Scenario;
const server = await startServer(say);
const emulator = await startEmulator({ requestsPerMinute: 0, scenario });
const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-'));
const stores = join(directory, 'stores.yaml');
await writeFile(stores, JSON.stringify({ stores: { local: { kind: 'files', directory: join(directory, 'out') } } }));
const worker = await startWorkerProcess({
  TEMPORAL_ADDRESS: server.address,
  TITAN_API_URL: emulator.url,
  TITAN_TOKEN: 'bench',
  TITAN_RPM: '0',
  TITANFLOW_TASK_QUEUE: 'bench',
  TITANFLOW_STAGING: join(directory, 'staging'),
  TITANFLOW_STORES: stores,
});
const memory = watchMemory(worker.pid ?? 0);
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection });

function definition(
  name: string,
  fields: Readonly<Record<string, { type: string }>>,
  urls: readonly string[] | string,
) {
  const output_schema = { type: 'object', properties: fields };
  return { name, urls, objective: 'x', output_schema, execution_type: 'single' };
}

async function findRows(): Promise<RunForEachInput['rows']> {
  const task = definition('Find', { url: { type: 'string' }, shop: { type: 'string' } }, ['https://example.com']);
  const { result } = await createTitanflowClient({ client, taskQueue: 'bench' }).runTask(randomUUID(), { task });
  const { executionId, taskId } = await result();
  return [{ executionId, task: { id: taskId } }];
}

async function failTwo(): Promise<void> {
  const scrapes = (): number =>
    emulator.ledger().executions.filter(({ taskName }) => taskName.startsWith('Scrape')).length;
  const until = async (count: number): Promise<void> => {
    while (scrapes() < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(ROWS / BATCH / 4);
  const fails = { name: '/^Scrape/', status: 'failed' };
  emulator.setScenario({ ...scenario, tasks: [...scenario.tasks, fails] });
  await until(scrapes() + BAD_BATCHES);
  emulator.setScenario(scenario);
}

interface Histories {
  count: number;
  events: number;
  bytes: number;
  longest: string;
  largest: string;
}

async function measureHistories(): Promise<Histories> {
  const most: Histories = { count: 0, events: 0, bytes: 0, longest: '', largest: '' };
  const seen = (workflow: WorkflowExecutionInfo): void => {
    const { historyLength, historySize = 0, type } = workflow;
    most.count += 1;
    if (historyLength > most.events) [most.events, most.longest] = [historyLength, type];
    if (historySize > most.bytes) [most.bytes, most.largest] = [historySize, type];
  };
  for await (const workflow of client.workflow.list()) seen(workflow);
  return most;
}

try {
  const rows = await findRows();
  const run = stepWorkflowId(pipelineWorkflowId('bench', 'k'), 'scrape');
  const startedAt = performance.now();
  const failing = failTwo();
  const result = await client.workflow.execute<typeof runForEach>('runForEach', {
    workflowId: run,
    taskQueue: 'bench',
    args: [
      {
        forEach: { rowsOf: 'find', field: 'url', batch: BATCH, parallel: PARALLEL },
        task: definition('Scrape', { sku: { type: 'string' }, price: { type: 'number' } }, '${batch}'),
        options: {
          expect: { minRows: 1, maxRejected: 0.5 },
          publish: [{ store: 'local', table: 'products', mode: 'replace' }],
        },
        rows,
        pipeline: 'bench',
        step: 'scrape',
        run,
      },
    ],
  });
  await failing;
  const seconds = (performance.now() - startedAt) / 1000;
  const executions = emulator.ledger().executions.filter(({ taskName }) => taskName.startsWith('Scrape'));
  const failed = executions.filter(({ status }) => status === 'failed').length;
  const histories = await measureHistories();
  console.log(`${ROWS} rows, ${result.batches} batches of ${BATCH}, ${PARALLEL} at once: ${seconds.toFixed(0)} s`);
  console.log(`rows published once    ${result.published[0]?.rows} of ${result.records} records`);
  console.log(`executions billed      ${executions.length}, of which ${failed} failed and were sent once more`);
  console.log(`workflows              ${histories.count}`);
  console.log(`longest history        ${histories.events} events (${histories.longest})`);
  console.log(`largest history        ${(histories.bytes / 1e6).toFixed(2)} MB (${histories.largest})`);
  console.log(`worker memory, MB      ${memory.samples().join(' ')}`);
} finally {
  memory.stop();
  await connection.close();
  await endProcess(worker, 'SIGTERM');
  await emulator.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
