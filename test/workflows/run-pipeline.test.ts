import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PipelineSpec } from '../../src/domain/pipeline.js';
import type { Progress } from '../../src/domain/progress.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({
    emulator: { scenario: { seconds: 1, rows: 5, tasks: [{ name: 'Breaks', status: 'failed', error: 'no' }] } },
  });
  await place.startWorker();
});

afterAll(() => place.close());

function step(name: string): RunTaskInput {
  return { task: { ...PRODUCT_TASK, name }, publish: [{ store: 'local', table: name.toLowerCase(), mode: 'append' }] };
}

describe('a pipeline', () => {
  it('runs its steps in order and side by side, below its own id', async () => {
    const pipeline: PipelineSpec = {
      name: 'order',
      steps: { last: { ...step('Last'), after: ['one', 'two'] }, one: step('One'), two: step('Two') },
    };
    const { result, workflowId } = await place.titanflow.runPipeline('k1', { pipeline });
    const { steps } = await result();
    expect(workflowId).toBe('pipeline/order/k1');
    expect(Object.keys(steps).toSorted()).toEqual(['last', 'one', 'two']);
    const [last] = place.executionsOf('Last');
    for (const before of [...place.executionsOf('One'), ...place.executionsOf('Two')]) {
      expect(Date.parse(last?.createdAt ?? '')).toBeGreaterThanOrEqual(Date.parse(before.finishedAt ?? ''));
    }
    const child = await place.client.workflow.getHandle(`${workflowId}/one`).describe();
    expect(child).toMatchObject({ type: 'runTask', status: { name: 'COMPLETED' } });
    const progress: Progress = await place.client.workflow.getHandle(workflowId).query('progress');
    expect(progress).toMatchObject({ phase: 'completed', rows: 15, steps: { one: { state: 'completed', rows: 5 } } });
  });

  it('fills in parameters, their defaults, and its key', async () => {
    const task = { ...PRODUCT_TASK, name: 'Find ${params.query} for ${run.key}', urls: '${params.urls}' };
    const pipeline = { name: 'params', params: { query: { default: 'laptops' }, urls: {} }, steps: { find: { task } } };
    const params = { urls: ['https://a.example/1', 'https://a.example/2'] };
    await (await place.titanflow.runPipeline('key 1', { pipeline, params })).result();
    expect(place.executionsOf('Find laptops for key 1')).toHaveLength(1);
  });

  it('with a key that was used gives back the first run, and pays nothing', async () => {
    const pipeline = { name: 'keyed', steps: { a: step('Keyed') } };
    const first = await place.titanflow.runPipeline('same', { pipeline });
    const second = await place.titanflow.runPipeline('same', { pipeline });
    expect(second.existed).toBe(true);
    expect(await second.result()).toEqual(await first.result());
    expect(place.executionsOf('Keyed')).toHaveLength(1);
  });

  it('ends as StepFailed with what was paid for; the others publish, what comes after is skipped', async () => {
    const pipeline = {
      name: 'breaks',
      steps: { bad: step('Breaks'), after: { ...step('After'), after: 'bad' }, beside: step('Beside') },
    };
    const { result, workflowId } = await place.titanflow.runPipeline(randomUUID(), { pipeline });
    const failure = await failureOf(result());
    const [execution] = place.executionsOf('Breaks');
    expect(failure).toMatchObject({
      type: 'StepFailed',
      nonRetryable: true,
      details: [{ step: 'bad', executionId: execution?.id }],
    });
    expect(failure.message).toContain(
      `step "bad" failed: ExecutionFailed: execution ${execution?.id} ended as failed: no`,
    );
    expect(place.executionsOf('After')).toEqual([]);
    expect(await readTable(place.out, 'beside')).toHaveLength(5);
    const progress: Progress = await place.client.workflow.getHandle(workflowId).query('progress');
    expect(progress.steps).toMatchObject({
      bad: { state: 'failed' },
      after: { state: 'skipped' },
      beside: { state: 'completed' },
    });
  });

  it('is refused as a whole before its first step is paid for', async () => {
    const pipeline = {
      name: 'bad',
      steps: {
        good: step('Good'),
        bad: { ...step('Bad'), publish: [{ store: 'nowhere', table: 't', mode: 'append' }] },
      },
    };
    const failure = await failureOf((await place.titanflow.runPipeline(randomUUID(), { pipeline } as never)).result());
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('"nowhere"') });
    expect(place.executionsOf('Good')).toEqual([]);
  });

  it.each([
    [{ name: 'p', steps: { a: { ...step('X'), after: 'b' }, b: { ...step('Y'), after: 'a' } } }, 'a -> b -> a'],
    [{ name: 'p', steps: {} }, 'step'],
    [{ name: 'p', stpes: {} }, '"steps"'],
    [
      { name: 'p', steps: { a: { task: { ...step('Z').task, payload: { seller: 2 ** 53 } } } } },
      'pipeline.steps.a.task.payload.seller: a number beyond',
    ],
    [
      { name: 'p', steps: { a: step('First'), b: { task: { ...step('Z').task, urls: 'not a list' } } } },
      'pipeline.steps.b.task.urls: "urls" must be a list of URLs',
    ],
    [
      { name: 'p', steps: { a: step('First'), b: { task: { ...step('Z').task, action_type: 'dance' } } } },
      'pipeline.steps.b.task.action_type: "action_type" must be "search"',
    ],
    [{ name: 'p', steps: { a: { task: { name: 'Z' } } } }, 'pipeline.steps.a.task: "urls" is missing'],
    [undefined, 'pipeline'],
  ])('%j is InvalidInput', async (pipeline, message) => {
    const failure = await failureOf(
      (
        await place.client.workflow.start('runPipeline', {
          workflowId: randomUUID(),
          taskQueue: place.config.taskQueue,
          args: [{ pipeline }],
        })
      ).result(),
    );
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining(message) });
    expect(place.executionsOf('First')).toEqual([]);
  });
});
