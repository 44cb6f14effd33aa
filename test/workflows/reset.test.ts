import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowStartOptions } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { callByHand } from '../helpers/by-hand.js';
import { reset } from '../helpers/reset.js';
import { openWorkplace, failureOf, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 8, rows: 5 } } });
  await place.startWorker();
});

afterAll(() => place.close());

describe('a run that is reset to before its execution was started', () => {
  it('when it is over gives the same result, and is not paid again', async () => {
    const id = randomUUID();
    const task = { ...PRODUCT_TASK, name: 'Reset when over' };
    const before = await (await place.titanflow.runTask(id, { task })).result();
    await reset(place.client, id);
    expect(await place.client.workflow.getHandle(id).result()).toEqual(before);
    expect(place.executionsOf('Reset when over')).toHaveLength(1);
  });

  it('while it waits goes on with the same execution', async () => {
    const id = randomUUID();
    const task = { ...PRODUCT_TASK, name: 'Reset while waiting' };
    await place.titanflow.runTask(id, { task });
    await vi.waitFor(() => expect(place.executionsOf('Reset while waiting')).toHaveLength(1), 20_000);
    await new Promise((done) => setTimeout(done, 2_000));
    await reset(place.client, id);
    expect(await place.client.workflow.getHandle(id).result()).toMatchObject({ status: 'completed' });
    expect(place.executionsOf('Reset while waiting')).toMatchObject([{ status: 'completed' }]);
  });

  it('and then cancelled stops that execution', async () => {
    place.emulator.setScenario({ seconds: 600 });
    const id = randomUUID();
    await place.titanflow.runTask(id, { task: { ...PRODUCT_TASK, name: 'Reset, then cancelled' } });
    await vi.waitFor(() => expect(place.executionsOf('Reset, then cancelled')).toHaveLength(1), 20_000);
    await new Promise((done) => setTimeout(done, 2_000));
    await reset(place.client, id);
    const handle = place.client.workflow.getHandle(id);
    await vi.waitFor(async () => expect(await handle.query('progress')).toMatchObject({ phase: 'waiting' }), 20_000);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(place.executionsOf('Reset, then cancelled')).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('a run that is reset while its request is in doubt', () => {
  it('is looked for at the task that it had found before, though there is a twin now', async () => {
    const name = 'Twins';
    const lost = { route: 'POST /tasks/:id/run', kind: 'drop', count: 1 } as const;
    const at = await openWorkplace({ emulator: { scenario: { seconds: 2, rows: 5, faults: [lost] } } });
    const worker = await at.startWorker();
    const id = randomUUID();
    await at.titanflow.runTask(id, { task: { ...PRODUCT_TASK, name } });
    await vi.waitFor(() => expect(at.executionsOf(name)).toHaveLength(1), 20_000);
    await worker.shutdown();
    const [first] = at.executionsOf(name);
    if (!first) throw new Error('nothing was paid for');
    // Of twins the one with the least id is taken.
    const definition = { ...PRODUCT_TASK, name: first.taskName };
    while ((await callByHand(at.emulator, 'POST', '/tasks', definition)) > first.taskId);
    await at.startWorker();
    await reset(at.client, id);
    const result: unknown = await at.client.workflow.getHandle(id).result();
    expect(at.executionsOf(name)).toMatchObject([{ id: first.id, taskId: first.taskId }]);
    expect(result).toMatchObject({
      executionId: first.id,
      taskId: first.taskId,
    });
    await at.close();
  }, 120_000);
});

describe('a worker that waits for what was started before a reset', () => {
  it('ends when it is told to', async () => {
    const at = await openWorkplace({ emulator: { scenario: { seconds: 600 } } });
    const worker = await at.startWorker();
    const task = { ...PRODUCT_TASK, name: 'Endless' };
    const { workflowId: run } = await at.titanflow.runTask(randomUUID(), { task });
    const { workflowId: pipeline } = await at.titanflow.runPipeline(randomUUID(), {
      pipeline: { name: 'e', steps: { only: { task } } },
    });
    const ids = [run, pipeline];
    await vi.waitFor(() => expect(at.executionsOf('Endless').length).toBe(2), 20_000);
    await Promise.all(ids.map((id) => reset(at.client, id)));
    for (const [id, activity] of [
      [run, 'awaitOwner'],
      [pipeline, 'joinStep'],
    ] as const) {
      await vi.waitFor(async () => {
        const { raw } = await at.client.workflow.getHandle(id).describe();
        expect(raw.pendingActivities?.map(({ activityType }) => activityType?.name)).toEqual([activity]);
      }, 20_000);
    }
    const ended = await Promise.race([worker.shutdown().then(() => 'ended'), sleep(20_000, 'waits')]);
    expect(ended).toBe('ended');
    await Promise.all(ids.map((id) => at.client.workflow.getHandle(id).terminate()));
    await at.close();
  }, 120_000);
});

describe('a caller with a retry policy', () => {
  it('pays once for a scrape that fails', async () => {
    place.emulator.setScenario({ seconds: 1, status: 'failed', error: 'the shop is closed' });
    const name = 'Caller retries';
    const result = place.client.workflow.execute('runTask', {
      workflowId: randomUUID(),
      taskQueue: place.config.taskQueue,
      args: [{ task: { ...PRODUCT_TASK, name } }],
      retry: { maximumAttempts: 3, initialInterval: '100 ms' },
    });
    expect((await failureOf(result)).message).toContain('the shop is closed');
    expect(place.executionsOf(name)).toHaveLength(1);
  });

  it('pays once for a scrape that takes longer than the time for one run', async () => {
    place.emulator.setScenario({ seconds: 30, rows: 5 });
    const [name, table] = ['Longer than one attempt', 'longer'];
    await publish(name, table, {
      workflowRunTimeout: '20 seconds',
      retry: { maximumAttempts: 10, initialInterval: '1 second' },
    });
    expect(place.executionsOf(name)).toMatchObject([{ status: 'completed' }]);
    expect(await readTable(place.out, table)).toHaveLength(5);
  }, 180_000);

  it('goes on where the follower of the attempt before is slow to end', async () => {
    const route = 'GET /executions/:id/results/export';
    const faults = [{ route, kind: 'delay' as const, delaySeconds: 9, count: 1 }];
    place.emulator.setScenario({ seconds: 0, rows: 5, faults });
    const [name, table] = ['Slow to end', 'slow_to_end'];
    await publish(name, table, {
      workflowRunTimeout: '6 seconds',
      retry: { maximumAttempts: 10, initialInterval: '500 ms' },
    });
    expect(place.executionsOf(name)).toMatchObject([{ status: 'completed' }]);
    expect(await readTable(place.out, table)).toHaveLength(5);
  });

  /** Runs a task until an attempt ends well. */
  async function publish(
    name: string,
    table: string,
    attempts: Pick<WorkflowStartOptions, 'workflowRunTimeout' | 'retry'>,
  ): Promise<void> {
    await place.client.workflow.execute('runTask', {
      workflowId: randomUUID(),
      taskQueue: place.config.taskQueue,
      args: [{ task: { ...PRODUCT_TASK, name }, publish: [{ store: 'local', table, mode: 'append' }] }],
      ...attempts,
    });
  }
});
