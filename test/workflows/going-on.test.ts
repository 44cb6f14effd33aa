import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RetryRefused } from '../../src/client/retry-refused.js';
import { retryWorkflow } from '../../src/client/retry-workflow.js';
import { publishersOf } from '../../src/commands/publishers-of.js';
import type { PipelineSpec, RunPipelineInput, RunPipelineResult, StepSpec } from '../../src/domain/pipeline.js';
import type { Progress } from '../../src/domain/progress.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

/** Of a process that may be frozen for a while. */
const PATIENTLY = { timeout: 50_000, interval: 100 };

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
  breaks('/^Breaks/');
  await place.startWorker();
});

afterAll(() => place.close());

/** From now on executions of tasks with such names fail; those of `/^Long/` take long. */
function breaks(name: string): void {
  const tasks = [
    { name, status: 'failed', error: 'no' },
    { name: 'Partial', status: 'completed_with_errors' },
    { name: '/^Long/', seconds: 8 },
  ];
  place.emulator.setScenario({ seconds: 0, rows: 5, tasks });
}

function step(name: string, changes: Partial<StepSpec> = {}): StepSpec {
  return { task: { ...PRODUCT_TASK, name }, ...changes };
}

function paidFor(...names: string[]): number[] {
  return names.map((name) => place.executionsOf(name).length);
}

function resultOf(workflowId: string): Promise<RunPipelineResult> {
  return place.client.workflow.getHandle<() => Promise<RunPipelineResult>>(workflowId).result();
}

async function stepsOf(workflowId: string): Promise<Progress['steps']> {
  const progress: Progress = await place.client.workflow.getHandle(workflowId).query('progress');
  return progress.steps;
}

async function failed(pipeline: PipelineSpec, input: Partial<RunPipelineInput> = {}): Promise<string> {
  const { workflowId, result } = await place.titanflow.runPipeline(input.key ?? randomUUID(), { pipeline, ...input });
  await failureOf(result());
  return workflowId;
}

function retry(id: string, rerun = false) {
  return retryWorkflow({ client: place.client, id, rerun });
}

describe('a pipeline that failed in its third step', () => {
  it('pays only for that one when it is retried, and only when asked to', async () => {
    const third = step('Breaks third', { after: 'b', publish: [{ store: 'local', table: 'third', mode: 'append' }] });
    const id = await failed({
      name: 'third',
      steps: { a: step('First'), b: step('Second', { after: 'a' }), c: third },
    });
    const names = ['First', 'Second', 'Breaks third'];

    await retry(id);
    const failure = await failureOf(resultOf(id));
    const [lost] = place.executionsOf('Breaks third');
    expect(failure.message).toBe(
      `step "c" failed: ExecutionFailed: execution ${lost?.id} ended as failed: no; to pay for it again: titanflow retry --rerun ${id}, or \`rerun: true\` beside \`resumeOf\``,
    );
    expect(failure.details).toMatchObject([{ step: 'c', executionId: lost?.id }]);
    expect(paidFor(...names)).toEqual([1, 1, 1]);

    breaks('Nothing');
    expect(await retry(id, true)).toEqual({ workflowId: id, existed: false, wasHeld: false });
    const { steps } = await resultOf(id);
    expect(Object.keys(steps)).toEqual(['a', 'b', 'c']);
    expect(steps['a']).toMatchObject({ executionId: place.executionsOf('First')[0]?.id });
    expect(await stepsOf(id)).toMatchObject({
      a: { kept: true, rows: 5 },
      b: { kept: true },
      c: { state: 'completed' },
    });
    expect(paidFor(...names)).toEqual([1, 1, 2]);
    expect(await readTable(place.out, 'third')).toHaveLength(5);
    breaks('/^Breaks/');
  });

  it('goes on under other ids too, one after the other, as the same logical run', async () => {
    const params = { shop: 'x' };
    const pipeline: PipelineSpec = {
      name: 'chain',
      params: { shop: {} },
      steps: {
        a: step('Chain ${params.shop} of ${run.key}'),
        b: step('Breaks chain ${params.shop} of ${run.key} at ${run.scheduledTime}', { after: 'a' }),
      },
    };
    const first = await failed(pipeline, { key: 'k1', params, scheduledTime: '2026-01-02T03:00:00Z' });
    const second = await failed(pipeline, { key: 'k2', resumeOf: first });
    breaks('Nothing');
    // Nobody came to look what this one goes on from.
    const idle = await place.client.workflow.start('runPipeline', {
      workflowId: randomUUID(),
      taskQueue: 'nobody',
      args: [{ pipeline, resumeOf: second }],
    });
    await idle.terminate();
    const resumeOf = idle.workflowId;
    const third = await place.titanflow.runPipeline('k3', { pipeline, resumeOf, rerun: true });
    expect(await third.result()).toMatchObject({ steps: { a: { status: 'completed' }, b: { status: 'completed' } } });
    const bought = place.emulator.ledger().executions.filter(({ taskName }) => /^(Breaks )?chain/i.test(taskName));
    expect(bought.map(({ taskName }) => taskName.split(' [')[0])).toEqual([
      'Chain x of k1',
      'Breaks chain x of k1 at 2026-01-02T03:00:00Z',
      'Breaks chain x of k1 at 2026-01-02T03:00:00Z',
    ]);
    breaks('/^Breaks/');
  });
});

describe('a step that was cancelled before it had taken over what it was given', () => {
  it('is gone on with, and not paid for again', async () => {
    const name = 'Long given';
    const pipeline: PipelineSpec = { name: 'given', steps: { long: step(name, { onCancel: 'keep' }) } };
    const { workflowId } = await place.titanflow.runPipeline(randomUUID(), { pipeline });
    const handle = place.client.workflow.getHandle(workflowId);
    const child = place.client.workflow.getHandle(`${workflowId}/long`);
    await vi.waitFor(async () => expect(await child.query('progress')).toMatchObject({ phase: 'waiting' }), PATIENTLY);
    const { runId: first } = await child.describe();
    const cancel = async (): Promise<void> => {
      await handle.cancel();
      await handle.result().catch(() => undefined);
    };
    await cancel();

    const tasks = [{ name: '/^Long/', seconds: 8 }];
    const slowly = { route: 'GET /executions/:id', kind: 'delay', delaySeconds: 3 } as const;
    place.emulator.setScenario({ rows: 5, tasks, faults: [slowly] });
    await retry(workflowId);
    await vi.waitFor(async () => expect((await child.describe()).runId).not.toBe(first), PATIENTLY);
    await cancel();
    expect((await child.describe()).status.name).toBe('CANCELLED');

    breaks('/^Breaks/');
    await retry(workflowId);
    expect(await resultOf(workflowId)).toMatchObject({ steps: { long: { status: 'completed' } } });
    expect(paidFor(name)).toEqual([1]);
  }, 120_000);
});

describe.concurrent('going on', () => {
  it('exports and publishes an execution that is paid for, again and again, and takes over what was released', async () => {
    const publish = [{ store: 'local', table: 'held', mode: 'append' }] as const;
    const held = step('Held', { publish, expect: { minRows: 100 } });
    const id = await failed({ name: 'held', steps: { held, next: step('After held', { after: 'held' }) } });
    expect(await retry(id)).toMatchObject({ wasHeld: true });
    expect((await failureOf(resultOf(id))).message).toContain('ExpectationFailed');
    expect(paidFor('Held', 'After held')).toEqual([1, 0]);

    const executionId = place.executionsOf('Held')[0]?.id ?? '';
    const follower = place.client.workflow.getHandle(`execution/${executionId}`);
    await place.client.workflow.execute('followExecution', {
      workflowId: follower.workflowId,
      taskQueue: place.config.taskQueue,
      args: [{ executionId, publish, expect: { minRows: 0 } }],
    });
    await retry(id);
    expect(await resultOf(id)).toMatchObject({ steps: { held: { executionId, published: [{ rows: 5 }] } } });
    expect(paidFor('Held', 'After held')).toEqual([1, 1]);
    expect(await readTable(place.out, 'held')).toHaveLength(5);
  });

  it.each(['cancel', 'terminate'] as const)('follows what still runs after a %s', async (end) => {
    const name = `Long ${end}`;
    const pipeline: PipelineSpec = { name: end, steps: { long: step(name, { onCancel: 'keep' }) } };
    const { workflowId } = await place.titanflow.runPipeline(randomUUID(), { pipeline });
    const handle = place.client.workflow.getHandle(workflowId);
    const phase = async () =>
      ((await place.client.workflow.getHandle(`${workflowId}/long`).query('progress')) as Progress).phase;
    await vi.waitFor(async () => expect(await phase()).toBe('waiting'), PATIENTLY);
    await handle[end]();
    await handle.result().catch(() => undefined);
    await retry(workflowId);
    expect(await resultOf(workflowId)).toMatchObject({ steps: { long: { status: 'completed' } } });
    expect(paidFor(name)).toEqual([1]);
  });

  it('starts what had not been started when the pipeline was cancelled', async () => {
    const steps = { long: step('Long stopped'), next: step('Next', { after: 'long' }) };
    const { workflowId } = await place.titanflow.runPipeline(randomUUID(), { pipeline: { name: 'stopped', steps } });
    await vi.waitFor(() => expect(paidFor('Long stopped')).toEqual([1]), PATIENTLY);
    const handle = place.client.workflow.getHandle(workflowId);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await retry(workflowId);
    const failure = await failureOf(resultOf(workflowId));
    expect(failure.message).toMatch(
      /^step "long" failed: ExecutionCancelled: execution \S+ ended as cancelled; to pay/,
    );
    await retry(workflowId, true);
    await resultOf(workflowId);
    expect(paidFor('Long stopped', 'Next')).toEqual([2, 1]);
  });

  it('follows what ended with errors where that is good enough now', async () => {
    const name = 'Partial';
    const task = step(name);
    const first = await failed({ name: 'partial', steps: { a: task } });
    const pipeline: PipelineSpec = { name: 'partial', steps: { a: { ...task, accept: 'partial' } } };
    const next = await place.titanflow.runPipeline(randomUUID(), { pipeline, resumeOf: first });
    expect(await next.result()).toMatchObject({ steps: { a: { status: 'completed_with_errors' } } });
    expect(paidFor(name)).toEqual([1]);
  });

  it('goes on within a pipeline that is a step', async () => {
    const inner: PipelineSpec = {
      name: 'inner',
      steps: { a: step('Inner first'), b: step('Inner held', { after: 'a', expect: { minRows: 100 } }) },
    };
    const id = await failed({
      name: 'outer',
      steps: { before: step('Before'), part: { pipeline: inner, after: 'before' } },
    });
    await retry(id);
    await failureOf(resultOf(id));
    expect(paidFor('Before', 'Inner first', 'Inner held')).toEqual([1, 1, 1]);
    expect(await stepsOf(`${id}/part`)).toMatchObject({ a: { kept: true }, b: { state: 'failed' } });
    // What a release looks through.
    const [held] = place.executionsOf('Inner held');
    expect(await publishersOf(place.client, id)).toContain(`execution/${held?.id}`);
  });

  it('wants the failed run of the same pipeline', async () => {
    const steps = { a: step('Good') };
    const good = await place.titanflow.runPipeline(randomUUID(), { pipeline: { name: 'good', steps } });
    await good.result();
    const bad = await failed({ name: 'bad', steps: { a: step('Held too', { expect: { minRows: 9 } }) } });
    const from = async (resumeOf: string, name: string): Promise<string> => {
      const { result } = await place.titanflow.runPipeline(randomUUID(), { pipeline: { name, steps }, resumeOf });
      const { type, message } = await failureOf(result());
      return `${type}: ${message}`;
    };
    expect(await from('nothing', 'good')).toMatch(/^NotFound: there is no workflow "nothing" to go on from/);
    expect(await from(good.workflowId, 'good')).toBe(
      `InvalidInput: cannot go on from ${good.workflowId}: it ended well, nothing is missing`,
    );
    expect(await from(bad, 'other')).toBe(
      `InvalidInput: cannot go on from ${bad}: it ran the pipeline "bad", not "other"`,
    );
    expect(await from(`${bad}/a`, 'bad')).toBe(
      `InvalidInput: cannot go on from ${bad}/a: it is a runTask, not a runPipeline`,
    );
    const broken = await failed({ name: 'good' } as never);
    expect(await from(broken, 'other')).toContain('it ran the pipeline "good", not "other"');
    const { result } = await place.titanflow.runPipeline(randomUUID(), {
      pipeline: { name: 'good' } as never,
      resumeOf: broken,
    });
    expect(await failureOf(result())).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining('"steps"'),
    });
    expect(paidFor('Good')).toEqual([1]);
  });
});

describe.concurrent('retrying', () => {
  it('twice at once pays once: the other one follows', async () => {
    const id = await failed({
      name: 'twice',
      steps: { a: step('Twice', { expect: { minRows: 9 } }), b: step('Long beside') },
    });
    const both = await Promise.all([retry(id), retry(id)]);
    expect(both.filter(({ existed }) => existed)).toHaveLength(1);
    await failureOf(resultOf(id));
    expect(paidFor('Twice', 'Long beside')).toEqual([1, 1]);
  });

  it('goes on with a single run from what it has paid for, and pays again only where nothing is left and it is asked to', async () => {
    const task = (name: string) => ({ ...PRODUCT_TASK, name });
    const held = await place.titanflow.runTask(randomUUID(), { task: task('Single held'), expect: { minRows: 9 } });
    await failureOf(held.result());
    expect(await retry(held.workflowId, true)).toMatchObject({ wasHeld: true });
    await failureOf(place.client.workflow.getHandle(held.workflowId).result());
    expect(paidFor('Single held')).toEqual([1]);

    const bad = await place.titanflow.runTask(randomUUID(), { task: task('Breaks single') });
    await failureOf(bad.result());
    await expect(retry(bad.workflowId)).rejects.toThrow(
      new RegExp(`ended as failed: no; .*to pay for it again: titanflow retry --rerun ${bad.workflowId}$`),
    );
    await retry(bad.workflowId, true);
    await failureOf(place.client.workflow.getHandle(bad.workflowId).result());
    expect(paidFor('Breaks single')).toEqual([2]);
  });

  it('retries who follows an execution, by its id', async () => {
    const run = await place.titanflow.runTask(randomUUID(), {
      task: { ...PRODUCT_TASK, name: 'Followed' },
      expect: { minRows: 9 },
    });
    const { executionId = '' } = (await failureOf(run.result())).details[0];
    const { workflowId } = await retry(executionId);
    expect(workflowId).toBe(`execution/${executionId}`);
    expect(await failureOf(place.client.workflow.getHandle(workflowId).result())).toMatchObject({
      type: 'ExpectationFailed',
    });
    await expect(retry(executionId, true)).rejects.toThrow('an execution cannot be run again under its own id');
  });

  it('refuses what is not over, what ended well, and what it does not know', async () => {
    const { workflowId, result } = await place.titanflow.runPipeline(randomUUID(), {
      pipeline: { name: 'over', steps: { long: step('Long over') } },
    });
    await expect(retry(workflowId)).rejects.toThrow(
      new RetryRefused(`${workflowId} still runs: there is nothing to retry`),
    );
    await result();
    await expect(retry(workflowId)).rejects.toThrow(`${workflowId} ended well: there is nothing to retry`);
    await expect(retry('nothing')).rejects.toThrow('there is no workflow and no followed execution "nothing"');
  });
});
