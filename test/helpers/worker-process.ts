import { join } from 'node:path';
import { afterEach, inject } from 'vitest';
import { startCli, type RunningCli } from './cli.js';
import { CANARY, type Workplace } from './workplace.js';

const workers: RunningCli[] = [];

afterEach(async () => {
  for (const { child, ended } of workers.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

/** Starts a worker of a workplace as a process of its own, which is killed after the test, and waits until it works. */
export async function startWorkerProcess(
  { config, out, staging }: Workplace,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningCli> {
  const worker = startCli(['worker'], {
    env: {
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TITANFLOW_TASK_QUEUE: config.taskQueue,
      TITANFLOW_STAGING: staging,
      TITAN_API_URL: config.titan.url,
      TITAN_TOKEN: CANARY,
      ...env,
    },
    // Without a stores file, the store `local` is `out` below where the worker was started.
    cwd: join(out, '..'),
  });
  workers.push(worker);
  await worker.says('working on task queue');
  return worker;
}
