import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import { CANARY, failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let service: TaskService;

beforeAll(async () => {
  place = await openWorkplace();
  service = createTaskService({ url: place.emulator.url, token: CANARY });
  await place.startWorker();
});

afterAll(() => place.close());

async function startedByHand(name: string): Promise<string> {
  const task = await service.tasks.create({ ...PRODUCT_TASK, name });
  return (await service.tasks.run(task.id)).id;
}

describe('an execution that somebody else started', () => {
  it('is awaited, exported and published', async () => {
    const executionId = await startedByHand('By hand');
    const publish = [{ store: 'local', table: 'by_hand', mode: 'append' }] as const;
    const { result } = await place.titanflow.followExecution({ executionId, publish });
    expect(await result()).toMatchObject({ executionId, status: 'completed', published: [{ rows: 5, inserted: 5 }] });
    expect(await readTable(place.out, 'by_hand')).toHaveLength(5);
  });

  it('is not loaded again when it is followed again', async () => {
    const executionId = await startedByHand('Again');
    const publish = [{ store: 'local', table: 'again', mode: 'append' }] as const;
    const first = await (await place.titanflow.followExecution({ executionId, publish })).result();
    const options = { workflowId: `execution/${executionId}`, taskQueue: place.config.taskQueue };
    const second: unknown = await place.client.workflow.execute('followExecution', {
      ...options,
      args: [{ executionId, publish }],
    });
    expect(second).toMatchObject({ published: first.published });
    expect(await readTable(place.out, 'again')).toHaveLength(5);
  });

  it('is published although its task was deleted meanwhile', async () => {
    const executionId = await startedByHand('Deleted meanwhile');
    const { task_id: taskId } = await service.executions.get(executionId);
    const path = `${place.emulator.url}/api/v1/tasks/${taskId}`;
    await fetch(path, { method: 'DELETE', headers: { authorization: `Bearer ${CANARY}` } });
    const publish = [{ store: 'local', table: 'deleted', mode: 'append' }] as const;
    const { result } = await place.titanflow.followExecution({ executionId, publish });
    expect(await result()).toMatchObject({ published: [{ rows: 5 }] });
    const again = await place.titanflow.runTask(randomUUID(), { task: { id: taskId ?? '' } });
    expect(await failureOf(again.result())).toMatchObject({ type: 'NotFound', message: `task ${taskId} was deleted` });
  });

  it('must be followed under its own workflow id', async () => {
    const workflowId = `other-${randomUUID()}`;
    const started = place.client.workflow.execute('followExecution', {
      workflowId,
      taskQueue: place.config.taskQueue,
      args: [{ executionId: 'e1' }],
    });
    expect(await failureOf(started)).toMatchObject({
      type: 'InvalidInput',
      message: `followExecution must run under the workflow id execution/e1, which is the claim on the execution, not ${workflowId}`,
    });
  });

  it('is refused with a misspelt option before anything is asked', async () => {
    const executionId = randomUUID();
    const { result } = await place.titanflow.followExecution({ executionId, fromat: 'csv' } as never);
    expect(await failureOf(result())).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining('"format"'),
    });
  });

  it('that does not exist is NotFound', async () => {
    const executionId = randomUUID();
    const failure = await failureOf((await place.titanflow.followExecution({ executionId })).result());
    expect(failure).toMatchObject({ type: 'NotFound', details: [{ executionId }] });
  });
});

describe('a run that failed after it was paid for', () => {
  it('goes on with its execution, and pays nothing again', async () => {
    const task = { ...PRODUCT_TASK, name: 'Held' };
    const publish = [{ store: 'local', table: 'held', mode: 'append' }] as const;
    const strict = await place.titanflow.runTask(randomUUID(), { task, publish, expect: { minRows: 100 } });
    const failure = await failureOf(strict.result());
    expect(failure.type).toBe('ExpectationFailed');
    const executionId = failure.details[0].executionId ?? '';
    const retried = await place.titanflow.runTask(randomUUID(), { task, publish, executionId });
    expect(await retried.result()).toMatchObject({ executionId, published: [{ rows: 5 }] });
    expect(place.emulator.ledger().executions.filter(({ taskName }) => taskName.startsWith('Held'))).toHaveLength(1);
  });

  it('exports again when the staged export is gone', async () => {
    const executionId = await startedByHand('Gone');
    await (await place.titanflow.followExecution({ executionId })).result();
    await rm(place.staging, { recursive: true });
    const publish = [{ store: 'local', table: 'gone', mode: 'append' }] as const;
    const options = { workflowId: `execution/${executionId}`, taskQueue: place.config.taskQueue };
    const result: unknown = await place.client.workflow.execute('followExecution', {
      ...options,
      args: [{ executionId, publish }],
    });
    expect(result).toMatchObject({ published: [{ rows: 5 }] });
  });
});
