import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { installLogging } from '../../src/worker/logging.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import { startServer } from '../temporal-server.js';
import { createCrowd, type Crowd } from './crowd.js';
import { loadOf } from './process-load.js';
import { tellLong, tellShort } from './short-and-long.js';
import { endProcess, startWorkerProcess } from '../worker-process.js';

/** How soon an end is noticed, what it costs to wait for thousands of them, and how soon another worker takes over. */
const { values } = parseArgs({
  options: {
    few: { type: 'string', default: '1000' },
    some: { type: 'string', default: '2000' },
    many: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '60' },
  },
});
const [few, some, many] = [Number(values.few), Number(values.some), Number(values.many)];
const seconds = Number(values.seconds);
/** Requests a minute, so that thousands of runs can be started. */
const PLENTY = 60_000;
const say = (line: string): void => console.error(line);

installLogging('error');
const server = await startServer(say);
await tellShort(server.address);
await tellLong(server.address);
const emulator = await startEmulator({ requestsPerMinute: PLENTY, scenario: { seconds: 24 * 3600 } });
const directory = await mkdtemp(join(tmpdir(), 'titanflow-bench-'));
const settings = {
  TEMPORAL_ADDRESS: server.address,
  TITANFLOW_TASK_QUEUE: 'waiting',
  TITANFLOW_STAGING: directory,
  TITANFLOW_LOG: 'error',
  TITAN_API_URL: emulator.url,
  TITAN_TOKEN: 'bench',
};
const crowd = await createCrowd(emulator.url, server.address, 'waiting');
let worker = await startWorkerProcess(settings);

async function tellLoad(count: number): Promise<void> {
  await crowd.grow(count);
  // The account's limit is life's from here on; so many could not have been started within it.
  emulator.setRateLimit({ limit: 120 });
  await sleep(30_000);
  const { cpu, megabytes } = await loadOf(worker.pid ?? 0, seconds);
  console.log(`${count} waiters: ${(100 * cpu).toFixed(1)} % of a core over ${seconds} s, ${megabytes.toFixed(0)} MB`);
  emulator.setRateLimit({ limit: PLENTY });
}

async function tellTakeOver(signal: 'SIGTERM' | 'SIGKILL', count: number): Promise<void> {
  const began = Date.now();
  const ended = await endProcess(worker, signal);
  worker = await startWorkerProcess(settings);
  const up = Date.now();
  await untilAllWait(crowd, began, count);
  console.log(
    `${signal} with ${count} waiters: ended after ${(ended / 1000).toFixed(1)} s, the next one worked after ` +
      `${((up - began) / 1000).toFixed(1)} s, all waited again ${((Date.now() - up) / 1000).toFixed(1)} s after that`,
  );
}

async function untilAllWait(waiting: Crowd, since: number, count: number): Promise<void> {
  while ((await waiting.waitingSince(since)) < count) await sleep(500);
}

await tellLoad(few);
await crowd.grow(some);
await tellTakeOver('SIGTERM', some);
await tellTakeOver('SIGKILL', some);
await tellLoad(many);

await endProcess(worker, 'SIGKILL');
await crowd.close();
await emulator.close();
await server.stop();
await rm(directory, { recursive: true, force: true });
