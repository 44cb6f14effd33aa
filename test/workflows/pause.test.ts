import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { executionWorkflowId } from '../../src/domain/ids.js';
import type { Progress } from '../../src/domain/progress.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { runCli } from '../helpers/cli.js';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
  await place.startWorker();
});

afterAll(() => place.close());

async function start(name: string, scenario: Scenario, input: Partial<RunTaskInput> = {}) {
  place.emulator.setScenario({ rows: 5, ...scenario });
  const started = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name }, ...input });
  return { ...started, handle: place.client.workflow.getHandle(started.workflowId) };
}

async function untilRunning(name: string): Promise<string> {
  await vi.waitFor(() => expect(place.executionsOf(name)).toMatchObject([{ status: 'running' }]), 20_000);
  const id = place.executionsOf(name)[0]?.id ?? '';
  await vi.waitFor(() => progressOf(executionWorkflowId(id)), 20_000);
  return id;
}

function progressOf(workflowId: string): Promise<Progress> {
  return place.client.workflow.getHandle(workflowId).query<Progress>('progress');
}

function statusOf(name: string): string | undefined {
  return place.executionsOf(name)[0]?.status;
}

describe('a run that is paused', () => {
  it('pauses its execution, and its deadline stands still until it is resumed', async () => {
    const { handle, result } = await start('Paused', { seconds: 5 }, { deadline: '9 seconds' });
    const id = await untilRunning('Paused');
    await handle.executeUpdate('pause');
    expect(statusOf('Paused')).toBe('paused');
    const since = (await progressOf(handle.workflowId)).pausedSince;
    expect(Date.parse(since ?? '')).toBeGreaterThan(Date.now() - 5_000);
    expect((await progressOf(executionWorkflowId(id))).pausedSince).toBeDefined();
    await sleep(9_000);
    await handle.executeUpdate('pause');
    await handle.executeUpdate('resume');
    expect(statusOf('Paused')).toBe('running');
    expect((await progressOf(handle.workflowId)).pausedSince).toBeUndefined();
    expect(await result()).toMatchObject({ executionId: id, status: 'completed' });
  }, 60_000);

  it('in the dashboard is seen, and so is that it is resumed there', async () => {
    const { result } = await start('Dashboard', { seconds: 5 }, { deadline: '12 seconds' });
    const id = await untilRunning('Dashboard');
    const press = (button: string) =>
      fetch(`${place.emulator.url}/api/v1/executions/${id}/${button}`, {
        method: 'POST',
        headers: { authorization: 'Bearer any' },
      });
    await press('pause');
    const follower = executionWorkflowId(id);
    await vi.waitFor(async () => expect((await progressOf(follower)).pausedSince).toBeDefined(), 20_000);
    await sleep(9_000);
    await press('resume');
    await vi.waitFor(async () => expect((await progressOf(follower)).pausedSince).toBeUndefined(), 20_000);
    expect(await result()).toMatchObject({ status: 'completed' });
  }, 60_000);

  it('before it was sent is sent when it is resumed', async () => {
    const { handle, result } = await start('Held', {
      seconds: 1,
      faults: [{ route: 'GET /tasks', kind: 'delay', delaySeconds: 2, count: 1 }],
    });
    await handle.executeUpdate('pause');
    await sleep(4_000);
    expect(place.executionsOf('Held')).toHaveLength(0);
    await handle.executeUpdate('resume');
    expect(await result()).toMatchObject({ status: 'completed' });
  });

  it('while it is being sent is paused once it is there', async () => {
    const { handle, result } = await start('In flight', {
      seconds: 5,
      faults: [{ route: 'POST /tasks/:id/run', kind: 'delay', delaySeconds: 3, count: 1 }],
    });
    await vi.waitFor(async () => expect((await progressOf(handle.workflowId)).phase).toBe('submitting'), 20_000);
    await handle.executeUpdate('pause');
    await vi.waitFor(() => expect(statusOf('In flight')).toBe('paused'), 20_000);
    await handle.executeUpdate('resume');
    expect(await result()).toMatchObject({ status: 'completed' });
  });

  it('and then cancelled is stopped', async () => {
    const { handle } = await start('Paused, then cancelled', { seconds: 600 });
    await untilRunning('Paused, then cancelled');
    await handle.executeUpdate('pause');
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(statusOf('Paused, then cancelled')).toBe('cancelled');
  });

  it('too late is refused, with the reason', async () => {
    const { handle, result } = await start('Too late', {
      seconds: 0,
      faults: [{ route: 'GET /executions/:id/results/export', kind: 'delay', delaySeconds: 4, count: 1 }],
    });
    await vi.waitFor(() => expect(statusOf('Too late')).toBe('completed'), 20_000);
    const follower = executionWorkflowId(place.executionsOf('Too late')[0]?.id ?? '');
    await vi.waitFor(async () => expect((await progressOf(follower)).phase).toBe('exporting'), 20_000);
    const refused = handle.executeUpdate('pause');
    await expect(refused).rejects.toThrow(WorkflowUpdateFailedError);
    expect(await result()).toMatchObject({ status: 'completed' });
  });
});

describe('a pipeline that is paused', () => {
  it('pauses the step that runs, starts no other, and goes on from the command line', async () => {
    place.emulator.setScenario({ seconds: 5, rows: 5 });
    const step = (name: string) => ({ task: { ...PRODUCT_TASK, name } });
    const steps = { first: step('First'), second: { ...step('Second'), after: 'first' }, beside: step('Beside') };
    const { workflowId, result } = await place.titanflow.runPipeline(randomUUID(), {
      pipeline: { name: 'paused', steps },
    });
    await Promise.all([untilRunning('First'), untilRunning('Beside')]);
    const env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
    expect(await runCli(['pause', workflowId], { env })).toMatchObject({ code: 0 });
    expect([statusOf('First'), statusOf('Beside')]).toEqual(['paused', 'paused']);
    expect((await progressOf(workflowId)).pausedSince).toBeDefined();
    await sleep(6_000);
    expect(place.executionsOf('Second')).toHaveLength(0);
    expect(await runCli(['resume', workflowId], { env })).toMatchObject({ code: 0 });
    expect((await result()).steps['second']).toMatchObject({ status: 'completed' });
    const late = await runCli(['pause', workflowId], { env });
    expect([late.code, late.stderr]).toEqual([2, `titanflow: cannot pause ${workflowId}: it is over, completed\n`]);
  }, 90_000);
});
