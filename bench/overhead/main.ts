import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createTitanflowClient } from '../../src/client/titanflow-client.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import { installLogging } from '../../src/worker/logging.js';
import { startWorker } from '../../src/worker/start-worker.js';
import { startServer } from '../temporal-server.js';
import { startPeer } from './peer-worker.js';

/** What Temporal has to do for one run, beside the smallest workflow with four activities, on the same server. */
const RUNS = 40;
const say = (line: string): void => console.error(line);

installLogging('error');
const server = await startServer(say);
const emulator = await startEmulator({ requestsPerMinute: 0, scenario: { seconds: 0, rows: 1 } });
const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-'));
const temporal = { connectionOptions: { address: server.address }, namespace: 'default' };
const worker = await startWorker({
  temporal,
  taskQueue: 'bench',
  titan: { url: emulator.url, token: 'bench', auth: 'bearer', requestsPerMinute: 0 },
  stores: { local: { kind: 'files', directory: join(directory, 'out'), format: 'jsonl' } },
  staging: { kind: 'directory', directory: join(directory, 'staging') },
  stagingKeepMs: 7 * 24 * 3_600_000,
  instance: 'bench',
  secrets: new Map(),
});
const peer = await startPeer(server.address);
const connection = await Connection.connect({ address: server.address });
const client = new Client({ connection });
const titanflow = createTitanflowClient({ client, taskQueue: 'bench' });

async function runOnce(index: number): Promise<string[]> {
  const task = { name: 'Bench', urls: ['https://example.com/1'], objective: 'x', execution_type: 'single' };
  const publish = [{ store: 'local', table: `t${index}`, mode: 'append' }] as const;
  const { result, workflowId } = await titanflow.runTask(randomUUID(), { task, publish });
  return [workflowId, `execution/${(await result()).executionId}`];
}

async function peerOnce(): Promise<string[]> {
  const workflowId = randomUUID();
  await client.workflow.execute('fourActivities', { workflowId, taskQueue: peer.taskQueue });
  return [workflowId];
}

/** Runs per second, all at once, and events per run. */
async function measure(once: (index: number) => Promise<string[]>): Promise<{ perSecond: number; events: number }> {
  await once(RUNS);
  const startedAt = performance.now();
  const ids = await Promise.all(Array.from({ length: RUNS }, (_, index) => once(index)));
  const perSecond = RUNS / ((performance.now() - startedAt) / 1000);
  const histories = await Promise.all((ids[0] ?? []).map((id) => client.workflow.getHandle(id).fetchHistory()));
  return { perSecond, events: histories.reduce((sum, { events }) => sum + (events?.length ?? 0), 0) };
}

try {
  const ours = await measure(runOnce);
  const theirs = await measure(peerOnce);
  console.log(`${RUNS} runs at once, Temporal dev server`);
  console.log(`runTask with one publication   ${ours.events} events a run   ${ours.perSecond.toFixed(1)} runs/s`);
  console.log(`a workflow of four activities  ${theirs.events} events a run   ${theirs.perSecond.toFixed(1)} runs/s`);
  console.log(
    `ratio                          ${(ours.events / theirs.events).toFixed(2)}               ${(ours.perSecond / theirs.perSecond).toFixed(2)}`,
  );
} finally {
  await connection.close();
  await peer.stop();
  await worker.shutdown();
  await emulator.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
