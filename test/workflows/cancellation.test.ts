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

  it('also stops the execution of a run that was terminated', async () => {
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
