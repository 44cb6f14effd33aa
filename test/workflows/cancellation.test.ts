import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../src/domain/progress.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import { openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 600, rows: 5 } } });
  await place.startWorker();
});

afterAll(() => place.close());

async function startRunning(name: string, changes: Partial<RunTaskInput> = {}): Promise<WorkflowHandle> {
  const publish = [{ store: 'local', table: name.toLowerCase(), mode: 'append' }] as const;
  const input = { task: { ...PRODUCT_TASK, name }, publish, ...changes };
  const { workflowId } = await place.titanflow.runTask(randomUUID(), input);
  const handle = place.client.workflow.getHandle(workflowId);
  await vi.waitFor(async () => expect((await handle.query<Progress>('progress')).executionId).toBeDefined(), 20_000);
  await vi.waitFor(() => expect(place.executionsOf(name)).toMatchObject([{ status: 'running' }]), 20_000);
  return handle;
}

async function endOf(handle: WorkflowHandle): Promise<string> {
  await handle.result().catch(() => undefined);
  return (await handle.describe()).status.name;
}

describe('cancelling a run', () => {
  it('stops its execution, then ends as cancelled, with the workflow that follows it', async () => {
    const handle = await startRunning('Stops');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    const [execution] = place.executionsOf('Stops');
    expect(execution?.status).toBe('cancelled');
    expect(await endOf(place.client.workflow.getHandle(`execution/${execution?.id}`))).toBe('CANCELLED');
  });

  it('leaves the execution alone where that is wanted', async () => {
    const handle = await startRunning('Keeps', { onCancel: 'keep' });
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
    expect(place.executionsOf('Keeps')).toMatchObject([{ status: 'running' }]);
  });

  it('takes what there is where that is wanted', async () => {
    const handle = await startRunning('Collects', { onCancel: 'collect', expect: { minRows: 0 } });
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
    const [execution] = place.executionsOf('Collects');
    expect(execution).toMatchObject({ status: 'cancelled', exports: 1 });
    expect(await readTable(place.out, 'collects')).toHaveLength(execution?.rows ?? -1);
  });

  it('takes what there is also where the execution is over already, and its results are being exported', async () => {
    place.emulator.setScenario({
      seconds: 1,
      rows: 5,
      faults: [{ route: 'GET /executions/:id/results/export', kind: 'delay', delaySeconds: 4 }],
    });
    const publish = [{ store: 'local', table: 'collected_late', mode: 'append' }] as const;
    const task = { ...PRODUCT_TASK, name: 'Collects late' };
    const { workflowId } = await place.titanflow.runTask(randomUUID(), { task, publish, onCancel: 'collect' });
    const handle = place.client.workflow.getHandle(workflowId);
    await vi.waitFor(
      () => expect(place.executionsOf('Collects late')).toMatchObject([{ status: 'completed' }]),
      20_000,
    );
    await new Promise((done) => setTimeout(done, 2_500));
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
    expect(await readTable(place.out, 'collected_late')).toHaveLength(5);
  });

  it.each([
    ['stop', 0],
    ['collect', 5],
  ] as const)('whose execution completes before it can be stopped does what is wanted: %s', async (onCancel, rows) => {
    const name = `Completes, ${onCancel}`;
    const stop = 'POST /executions/:id/stop';
    place.emulator.setScenario({ seconds: 6, rows: 5, faults: [{ route: stop, kind: 'delay', delaySeconds: 8 }] });
    const handle = await startRunning(name, { onCancel });
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
    expect(place.executionsOf(name)).toMatchObject([{ status: 'completed', exports: rows === 0 ? 0 : 1 }]);
    const table = rows === 0 ? [] : await readTable(place.out, name.toLowerCase());
    expect(table).toHaveLength(rows);
  });

  it('is cancelled all the same where the service has no results of what was stopped', async () => {
    const route = 'GET /executions/:id/results/export';
    place.emulator.setScenario({ seconds: 600, faults: [{ route, status: 400 }] });
    const handle = await startRunning('Nothing to collect', { onCancel: 'collect' });
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
  });

  it('also stops the execution of a run that was terminated', async () => {
    place.emulator.setScenario({ seconds: 600 });
    const handle = await startRunning('Terminated');
    await handle.terminate('by hand');
    await vi.waitFor(() => expect(place.executionsOf('Terminated')).toMatchObject([{ status: 'cancelled' }]), 20_000);
  });
});

describe('cancelling a pipeline', () => {
  it('stops the executions of all its steps and starts no more', async () => {
    const step = (name: string) => ({ task: { ...PRODUCT_TASK, name } });
    const pipeline = { name: 'stopped', steps: { a: step('A'), b: step('B'), c: { ...step('C'), after: ['a'] } } };
    const { workflowId } = await place.titanflow.runPipeline(randomUUID(), { pipeline });
    const handle = place.client.workflow.getHandle(workflowId);
    await vi.waitFor(() => expect([...place.executionsOf('A'), ...place.executionsOf('B')]).toHaveLength(2), 20_000);
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
    expect([...place.executionsOf('A'), ...place.executionsOf('B')].map(({ status }) => status)).toEqual([
      'cancelled',
      'cancelled',
    ]);
    expect(place.executionsOf('C')).toEqual([]);
  });
});
