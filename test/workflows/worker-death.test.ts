import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startCli, type RunningCli } from '../helpers/cli.js';
import { CANARY, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
const workers: RunningCli[] = [];

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 5, rows: 5 } } });
});

afterEach(async () => {
  for (const { child, ended } of workers.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

afterAll(() => place.close());

async function startWorkerProcess(): Promise<RunningCli> {
  const { taskQueue, titan } = place.config;
  const env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: taskQueue,
    TITANFLOW_STAGING: place.staging,
    TITAN_API_URL: titan.url,
    TITAN_TOKEN: CANARY,
  };
  // Without a stores file, the store `local` is `out` below where the worker was started.
  const worker = startCli(['worker'], { env, cwd: join(place.out, '..') });
  workers.push(worker);
  await worker.says('working on task queue');
  return worker;
}

describe('a worker that is killed while an execution is running', () => {
  it('is replaced by another: the run goes on, is paid for once, and no row is double', async () => {
    const first = await startWorkerProcess();
    const publish = [{ store: 'local', table: 'survivor', mode: 'append' }] as const;
    const { result } = await place.titanflow.runTask(randomUUID(), { task: PRODUCT_TASK, publish });
    await vi.waitFor(() => expect(place.emulator.ledger().executions).toMatchObject([{ status: 'running' }]), 20_000);

    first.child.kill('SIGKILL');
    await first.ended;
    await startWorkerProcess();

    expect(await result()).toMatchObject({ status: 'completed', published: [{ rows: 5, inserted: 5 }] });
    expect(place.emulator.ledger().billed).toBe(1);
    expect(await readTable(place.out, 'survivor')).toHaveLength(5);
  }, 120_000);
});

describe('a worker that is told to stop', () => {
  it('hands over what it waits for at once, and leaves the execution alone', async () => {
    const first = await startWorkerProcess();
    const { result } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Handed over' } });
    const execution = () =>
      place.emulator.ledger().executions.find(({ taskName }) => taskName.startsWith('Handed over'));
    await vi.waitFor(() => expect(execution()?.status).toBe('running'), 20_000);

    first.child.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    await startWorkerProcess();

    expect(await result()).toMatchObject({ status: 'completed' });
    expect(execution()?.status).toBe('completed');
  }, 60_000);
});
