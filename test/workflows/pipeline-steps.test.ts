import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PipelineSpec, RunPipelineInput, StepSpec } from '../../src/domain/pipeline.js';
import type { Progress } from '../../src/domain/progress.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

/** Of a process that may be frozen for a while. */
const PATIENTLY = { timeout: 50_000, interval: 100 };

let place: Workplace;

beforeAll(async () => {
  const tasks = [
    { name: '/^Breaks/', status: 'failed', error: 'no' },
    { name: '/^Empty/', rows: 0 },
    { name: '/^Long/', seconds: 600 },
  ];
  place = await openWorkplace({ emulator: { scenario: { seconds: 1, rows: 5, tasks } } });
  await place.startWorker();
});

afterAll(() => place.close());

function step(name: string, changes: Partial<StepSpec> = {}): StepSpec {
  return { task: { ...PRODUCT_TASK, name }, ...changes };
}

function start(pipeline: PipelineSpec, input: Partial<RunPipelineInput> = {}) {
  return place.titanflow.runPipeline(randomUUID(), { pipeline, ...input });
}

async function progressOf(workflowId: string): Promise<Progress> {
  return place.client.workflow.getHandle(workflowId).query('progress');
}

/** What each step came to, in a word and why. */
async function statesOf(workflowId: string): Promise<Record<string, string>> {
  const { steps = {} } = await progressOf(workflowId);
  const said = Object.entries(steps).map(([name, { state, why }]) => [
    name,
    why === undefined ? state : `${state}: ${why}`,
  ]);
  return Object.fromEntries(said);
}

describe.concurrent('a pipeline', () => {
  it('skips what `when` leaves out, and joins its branches again', async () => {
    const { result, workflowId } = await start({
      name: 'branches',
      steps: {
        find: step('Empty find'),
        some: step('Some', { when: { step: 'find', rows: { min: 1 } } }),
        after: step('After some', { after: 'some' }),
        none: step('None', { when: { step: 'find', status: 'completed', rows: { max: 0 } } }),
        join: step('Join', { after: ['some', 'none'] }),
      },
    });
    expect(Object.keys((await result()).steps).toSorted()).toEqual(['find', 'join', 'none']);
    expect(await statesOf(workflowId)).toEqual({
      find: 'completed',
      some: 'skipped: step "find" had 0 rows',
      after: 'skipped: step "some" was skipped',
      none: 'completed',
      join: 'completed',
    });
    expect([...place.executionsOf('Some'), ...place.executionsOf('After some')]).toEqual([]);
  });

  it('passes over a failure with `continue`, and completes', async () => {
    const { result, workflowId } = await start({
      name: 'continues',
      steps: { bad: step('Breaks, passed over', { onFailure: 'continue' }), next: step('Next', { after: 'bad' }) },
    });
    expect(Object.keys((await result()).steps)).toEqual(['next']);
    expect(await progressOf(workflowId)).toMatchObject({
      phase: 'completed',
      steps: { bad: { state: 'failed', failure: { type: 'ExecutionFailed' } }, next: { state: 'completed' } },
    });
  });

  it('cleans up after a failure, and fails all the same', async () => {
    const { result, workflowId } = await start({
      name: 'cleans-up',
      steps: {
        bad: step('Breaks, cleaned up'),
        clean: step('Clean up', { when: { step: 'bad', status: ['failed', 'cancelled'] } }),
        celebrate: step('Celebrate', { after: 'bad' }),
      },
    });
    expect(await failureOf(result())).toMatchObject({ type: 'StepFailed', details: [{ step: 'bad' }] });
    expect(await statesOf(workflowId)).toEqual({
      bad: 'failed',
      clean: 'completed',
      celebrate: 'skipped: step "bad" failed',
    });
  });

  it('with failFast stops what runs, remotely too, and starts nothing more', async () => {
    const { result, workflowId } = await start({
      name: 'fails-fast',
      failFast: true,
      parallel: 2,
      steps: {
        bad: step('Breaks fast'),
        long: step('Long beside it'),
        later: step('Never later'),
        clean: step('Never clean', { when: { step: 'bad', status: 'failed' } }),
      },
    });
    expect(await failureOf(result())).toMatchObject({ type: 'StepFailed', details: [{ step: 'bad' }] });
    expect(await statesOf(workflowId)).toEqual({
      bad: 'failed',
      long: 'cancelled',
      later: 'skipped: step "bad" failed',
      clean: 'skipped: step "bad" failed',
    });
    expect(place.executionsOf('Long beside it')).toMatchObject([{ status: 'cancelled' }]);
    expect([...place.executionsOf('Never later'), ...place.executionsOf('Never clean')]).toEqual([]);
  });

  it('runs no more steps at once than `parallel` says', async () => {
    const names = ['One', 'Two', 'Three', 'Four'].map((name) => `${name} of four`);
    const steps = Object.fromEntries(names.map((name) => [name.split(' ')[0] ?? '', step(name)]));
    await (await start({ name: 'parallel', parallel: 2, steps })).result();
    const lives = names.flatMap(place.executionsOf);
    const most = lives.map(
      ({ createdAt }) =>
        lives.filter((life) => life.createdAt <= createdAt && (life.finishedAt ?? '') > createdAt).length,
    );
    expect(lives).toHaveLength(4);
    expect(Math.max(...most)).toBe(2);
  });

  it('runs another pipeline as a step, with its parameters, its time, and its own steps in the result', async () => {
    const inner: PipelineSpec = {
      name: 'inner',
      params: { shop: {} },
      steps: {
        find: step('Inner of ${params.shop} for ${run.key} at ${run.scheduledTime}'),
        load: step('Inner load', { after: 'find', publish: [{ store: 'local', table: 'inner', mode: 'append' }] }),
      },
    };
    const outer: PipelineSpec = {
      name: 'outer',
      params: { shop: { default: 'de' } },
      steps: {
        shop: { pipeline: inner, params: { shop: 'shop.${params.shop}' } },
        last: step('Outer', { after: 'shop' }),
      },
    };
    const scheduledTime = '2026-01-02T03:00:00Z';
    const { result, workflowId } = await place.titanflow.runPipeline('k', { pipeline: outer, scheduledTime });
    const { steps } = await result();
    expect(steps).toMatchObject({ shop: { steps: { load: { published: [{ table: 'inner', rows: 5 }] } } } });
    expect(place.executionsOf(`Inner of shop.de for k at ${scheduledTime}`)).toHaveLength(1);
    expect(await readTable(place.out, 'inner')).toHaveLength(5);
    const child = await place.client.workflow.getHandle(`${workflowId}/shop`).describe();
    expect(child).toMatchObject({ type: 'runPipeline', searchAttributes: { TitanPipeline: ['inner'] } });
    expect(await progressOf(workflowId)).toMatchObject({ rows: 15, steps: { shop: { state: 'completed', rows: 10 } } });
  });

  it('says which step of which pipeline has failed', async () => {
    const inner: PipelineSpec = { name: 'inner', steps: { bad: step('Breaks within') } };
    const { result } = await start({ name: 'outer', steps: { part: { pipeline: inner } } });
    const failure = await failureOf(result());
    const [execution] = place.executionsOf('Breaks within');
    expect(failure.details).toMatchObject([{ step: 'part/bad', executionId: execution?.id }]);
    expect(failure.message).toContain('step "part" failed: StepFailed: step "bad" failed: ExecutionFailed');
  });

  it('stops a pipeline within it when it is cancelled, and what that one runs', async () => {
    const inner: PipelineSpec = { name: 'inner', steps: { long: step('Long within') } };
    const { workflowId } = await start({ name: 'cancelled', steps: { part: { pipeline: inner } } });
    await vi.waitFor(() => expect(place.executionsOf('Long within')).toHaveLength(1), PATIENTLY);
    const handle = place.client.workflow.getHandle(workflowId);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(place.executionsOf('Long within')).toMatchObject([{ status: 'cancelled' }]);
  });

  it('pauses and resumes what a pipeline within it runs', async () => {
    const inner: PipelineSpec = { name: 'inner', steps: { long: step('Long pause') } };
    const { workflowId } = await start({ name: 'paused', steps: { part: { pipeline: inner } } });
    const handle = place.client.workflow.getHandle(workflowId);
    const inside = async () => (await progressOf(`${workflowId}/part/long`).catch(() => undefined))?.phase;
    await vi.waitFor(async () => expect(await inside()).toBe('waiting'), PATIENTLY);
    await handle.executeUpdate('pause');
    expect(place.executionsOf('Long pause')).toMatchObject([{ status: 'paused' }]);
    await handle.executeUpdate('resume');
    expect(place.executionsOf('Long pause')).toMatchObject([{ status: expect.not.stringMatching('paused') }]);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });
});

describe.concurrent('maxExecutions', () => {
  it('refuses one more before it is paid for, and says what to do', async () => {
    const { workflowId, result } = await start({
      name: 'capped',
      maxExecutions: 2,
      steps: { a: step('Capped'), b: step('Capped', { after: 'a' }), c: step('Capped', { after: 'b' }) },
    });
    const failure = await failureOf(result());
    expect(failure.message).toBe(
      `step "c" failed: StepFailed: this run has started all the executions that it may (maxExecutions: 2); raise it in the pipeline, or go on with titanflow retry ${workflowId}, which counts anew`,
    );
    expect(place.executionsOf('Capped')).toHaveLength(2);
  });

  it('counts those of a pipeline within too, and none that is only followed', async () => {
    const paid = await (
      await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Paid' } })
    ).result();
    const task = { id: paid.taskId };
    const inner: PipelineSpec = { name: 'inner', steps: { a: step('Inside'), b: step('Inside', { after: 'a' }) } };
    const { result, workflowId } = await start({
      name: 'capped-outer',
      maxExecutions: 2,
      steps: {
        part: { pipeline: inner },
        more: step('Inside', { after: 'part', onFailure: 'continue' }),
        followed: { task, executionId: paid.executionId, after: 'part', onFailure: 'continue' },
      },
    });
    await result();
    expect(place.executionsOf('Inside')).toHaveLength(2);
    expect((await progressOf(workflowId)).steps).toMatchObject({
      part: { state: 'completed' },
      more: { state: 'failed', failure: { message: expect.stringContaining('maxExecutions: 2') } },
      // It came as far as being followed: somebody else does that already.
      followed: { state: 'failed', failure: { message: expect.stringContaining('is followed already') } },
    });
  });
});
