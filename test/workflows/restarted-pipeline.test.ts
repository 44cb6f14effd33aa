import { randomUUID } from 'node:crypto';
import type { WorkflowStartOptions } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PipelineSpec, RunPipelineResult, StepSpec } from '../../src/domain/pipeline.js';
import type { runPipeline } from '../../src/workflows/index.js';
import type { RunningWorker } from '../../src/worker/start-worker.js';
import { callByHand } from '../helpers/by-hand.js';
import { reset } from '../helpers/reset.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

// Each test waits for executions and attempts, and all tests run at once.
vi.setConfig({ testTimeout: 180_000 });
/** Patience with a process that may be frozen for a while. */
const PATIENTLY = { timeout: 50_000, interval: 100 };

let place: Workplace;
let worker: RunningWorker;

beforeAll(async () => {
  const tasks = [
    { name: '/^Find/', seconds: 0, rows: 20 },
    { name: '/^Mid/', seconds: 4 },
    { name: '/^Long/', seconds: 8 },
    { name: '/^Endless/', seconds: 600 },
    { name: '/^Breaks/', seconds: 0, status: 'failed', error: 'no' },
  ];
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 5, tasks } } });
  worker = await place.startWorker();
});

afterAll(() => place.close());

const FOUND = { type: 'object', properties: { url: { type: 'string' } } };

function step(name: string, changes: Partial<StepSpec> = {}): StepSpec {
  return { task: { ...PRODUCT_TASK, name, output_schema: FOUND }, ...changes };
}

/** Appends to the table of a pipeline: a row that is loaded twice is there twice. */
function appending(table: string, name: string, changes: Partial<StepSpec> = {}): StepSpec {
  return step(name, { publish: [{ store: 'local', table, mode: 'append' }], ...changes });
}

function forEach(table: string, name: string, sizes = { batch: 5, parallel: 2 }): PipelineSpec['steps'] {
  const batches = { rowsOf: 'find', field: 'url', ...sizes };
  const task = { ...PRODUCT_TASK, name, urls: '${batch}' };
  return { find: step(`Find for ${name}`), each: appending(table, name, { task, forEach: batches }) };
}

async function start(
  steps: PipelineSpec['steps'],
  { workflowId = randomUUID(), workflowRunTimeout, retry }: Partial<WorkflowStartOptions> = {},
  rest: Partial<PipelineSpec> = {},
): Promise<string> {
  await place.client.workflow.start<typeof runPipeline>('runPipeline', {
    workflowId,
    taskQueue: place.config.taskQueue,
    args: [{ pipeline: { name: 'p', steps, ...rest } }],
    ...(workflowRunTimeout === undefined ? {} : { workflowRunTimeout }),
    ...(retry === undefined ? {} : { retry }),
  });
  return workflowId;
}

function resultOf(workflowId: string): Promise<RunPipelineResult> {
  return place.client.workflow.getHandle<() => Promise<RunPipelineResult>>(workflowId).result();
}

function statusesOf(name: string): string[] {
  return place.executionsOf(name).map(({ status }) => status);
}

/** Waits until executions are paid for, and followed. */
async function paidFor(name: string, count = 1): Promise<void> {
  await vi.waitFor(() => expect(place.executionsOf(name)).toHaveLength(count), PATIENTLY);
  await new Promise((done) => setTimeout(done, 1_500));
}

/** The last workflow task that was completed before something happened. */
async function taskBefore(workflowId: string, isIt: (event: object) => boolean): Promise<number> {
  const { events } = await place.client.workflow.getHandle(workflowId).fetchHistory();
  const at = (events ?? []).findIndex((event) => isIt(event));
  const task = (events ?? []).slice(0, at).findLast((event) => event.workflowTaskCompletedEventAttributes != null);
  return Number(task?.eventId);
}

describe.concurrent('a pipeline that is reset when it is over', () => {
  it('takes the results of its steps, and does so again', async () => {
    const id = await start({ a: appending('over', 'Over a'), b: appending('over', 'Over b', { after: 'a' }) });
    const before = await resultOf(id);
    await reset(place.client, id);
    expect(await resultOf(id)).toEqual(before);
    await reset(place.client, id);
    expect(await resultOf(id)).toEqual(before);
    expect([...statusesOf('Over a'), ...statusesOf('Over b')]).toEqual(['completed', 'completed']);
    expect(await readTable(place.out, 'over')).toHaveLength(10);
  });

  it('to a point between its steps keeps what stands before it, and takes what came after', async () => {
    const id = await start({ a: appending('mid', 'Between a'), b: appending('mid', 'Between b', { after: 'a' }) });
    const before = await resultOf(id);
    const isSecond = (event: object): boolean => JSON.stringify(event).includes(`"${id}/b"`);
    await reset(place.client, id, await taskBefore(id, isSecond));
    expect(await resultOf(id)).toEqual(before);
    expect([...statusesOf('Between a'), ...statusesOf('Between b')]).toEqual(['completed', 'completed']);
    expect(await readTable(place.out, 'mid')).toHaveLength(10);
  });

  it('takes the result of a forEach', async () => {
    const id = await start(forEach('each_over', 'Each over'));
    const before = await resultOf(id);
    await reset(place.client, id);
    expect(await resultOf(id)).toEqual(before);
    await reset(place.client, `${id}/each`);
    expect(await place.client.workflow.getHandle(`${id}/each`).result()).toEqual(before.steps['each']);
    expect(place.executionsOf('Each over')).toHaveLength(4);
    expect(await readTable(place.out, 'each_over')).toHaveLength(20);
  });

  it('takes the result of a pipeline within it', async () => {
    const inner: PipelineSpec = { name: 'inner', steps: { a: appending('in_over', 'In over a') } };
    const id = await start({ in: { pipeline: inner }, b: appending('in_over', 'In over b', { after: 'in' }) });
    const before = await resultOf(id);
    await reset(place.client, id);
    expect(await resultOf(id)).toEqual(before);
    expect([...statusesOf('In over a'), ...statusesOf('In over b')]).toEqual(['completed', 'completed']);
    expect(await readTable(place.out, 'in_over')).toHaveLength(10);
  });

  it('does not pay again for what the service has failed', async () => {
    const id = await start({ a: appending('lost', 'Before lost'), b: step('Breaks', { after: 'a' }) });
    await failureOf(resultOf(id));
    await reset(place.client, id);
    expect((await failureOf(resultOf(id))).message).toContain('ended as failed: no; to pay for it again');
    expect([...statusesOf('Before lost'), ...statusesOf('Breaks')]).toEqual(['completed', 'failed']);
  });

  it('counts what it had started', async () => {
    const steps = { a: step('Counted a'), b: step('Counted b', { after: 'a' }), c: step('Counted c', { after: 'b' }) };
    const id = await start(steps, {}, { maxExecutions: 2 });
    await failureOf(resultOf(id));
    await reset(place.client, id);
    expect((await failureOf(resultOf(id))).message).toContain('maxExecutions: 2');
    expect(['Counted a', 'Counted b', 'Counted c'].map((name) => statusesOf(name).length)).toEqual([1, 1, 0]);
  });
});

describe.concurrent('a pipeline that is reset while', () => {
  it('a step runs waits for that step', async () => {
    const id = await start({ a: appending('runs', 'Runs a'), b: appending('runs', 'Long runs b', { after: 'a' }) });
    await paidFor('Long runs b');
    await reset(place.client, id);
    await reset(place.client, id);
    await resultOf(id);
    expect([...statusesOf('Runs a'), ...statusesOf('Long runs b')]).toEqual(['completed', 'completed']);
    expect(await readTable(place.out, 'runs')).toHaveLength(10);
  });

  it.each(['', '/each', '/each/batches/1'])('batches run, at %j, waits for those batches', async (part) => {
    const name = `Mid each runs${part.replaceAll('/', ' ')}`;
    const table = `each_runs${part.replaceAll('/', '_')}`;
    const id = await start(forEach(table, name));
    await paidFor(name, 2);
    await reset(place.client, `${id}${part}`);
    // A parent that was reset before its child hears of the child's last run only.
    await place.client.workflow.getHandle(`${id}${part}`).result();
    expect(statusesOf(name)).toEqual(Array.from({ length: 4 }, () => 'completed'));
    if (part !== '/each/batches/1') expect(await readTable(place.out, table)).toHaveLength(20);
  });

  it('a pipeline within it runs waits for that one', async () => {
    const inner: PipelineSpec = {
      name: 'inner',
      steps: { a: appending('in_runs', 'In runs a'), b: appending('in_runs', 'Long in runs b', { after: 'a' }) },
    };
    const id = await start({ in: { pipeline: inner } });
    await paidFor('Long in runs b');
    await reset(place.client, id);
    await resultOf(id);
    expect([...statusesOf('In runs a'), ...statusesOf('Long in runs b')]).toEqual(['completed', 'completed']);
    expect(await readTable(place.out, 'in_runs')).toHaveLength(10);
  });

  it.each(['reset', 'whole'])('a step runs, and cancelled then, stops its execution (%s)', async (how) => {
    const name = `Endless ${how}`;
    const id = await start({ in: { pipeline: { name: 'inner', steps: { a: step(name) } } } });
    await paidFor(name);
    if (how === 'reset') await reset(place.client, id);
    await vi.waitFor(async () => {
      const progress = await place.client.workflow.getHandle(id).query('progress');
      expect(progress).toMatchObject({ steps: { in: { state: 'running' } } });
    }, PATIENTLY);
    await place.client.workflow.getHandle(id).cancel();
    await resultOf(id).catch(() => undefined);
    expect((await place.client.workflow.getHandle(id).describe()).status.name).toBe('CANCELLED');
    expect(statusesOf(name)).toEqual(['cancelled']);
  });

  it('a step runs is stopped by another that fails, with failFast', async () => {
    const steps = {
      long: step('Endless with failFast'),
      wait: step('Mid wait'),
      bad: step('Breaks later', { after: 'wait' }),
    };
    const id = await start(steps, {}, { failFast: true });
    await paidFor('Endless with failFast');
    await reset(place.client, id);
    await failureOf(resultOf(id));
    expect(statusesOf('Endless with failFast')).toEqual(['cancelled']);
  });
});

describe.concurrent("a caller's retry policy, after the time for one run is over", () => {
  const options = {
    workflowRunTimeout: '9 seconds',
    retry: { maximumAttempts: 12, initialInterval: '1 second' },
  } as const;

  it('goes on with the steps of the earlier attempts, and keeps their executions running', async () => {
    const id = await start(
      { a: appending('late', 'Mid late a'), b: appending('late', 'Long late b', { after: 'a' }) },
      options,
    );
    await resultOf(id);
    expect([...statusesOf('Mid late a'), ...statusesOf('Long late b')]).toEqual(['completed', 'completed']);
    expect(await readTable(place.out, 'late')).toHaveLength(10);
  });

  it('goes on with batches', async () => {
    const id = await start(forEach('each_late', 'Mid each late'), options);
    await resultOf(id);
    expect(statusesOf('Mid each late')).toEqual(Array.from({ length: 4 }, () => 'completed'));
    expect(await readTable(place.out, 'each_late')).toHaveLength(20);
  });

  it('goes on with batches of which one had not begun', async () => {
    const name = 'Long beside a pause';
    const steps = forEach('pause_late', name, { batch: 5, parallel: 4 });
    await resultOf(await start(steps));
    const [paused] = place.executionsOf(name);
    const setStatus = (status: string) => callByHand(place.emulator, 'PATCH', `/tasks/${paused?.taskId}`, { status });
    await setStatus('paused');
    const id = await start(steps, options);
    await paidFor(name, 7);
    await vi.waitFor(async () => {
      const { raw } = await place.client.workflow.getHandle(id).describe();
      expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
    }, PATIENTLY);
    await setStatus('active');
    await resultOf(id);
    expect(statusesOf(name)).toEqual(Array.from({ length: 8 }, () => 'completed'));
    expect(await readTable(place.out, 'pause_late')).toHaveLength(40);
  });

  it.each(['/each', '/each/batches/1'])('goes on with batches after a reset of %j', async (part) => {
    const name = `Long reset late${part.replaceAll('/', ' ')}`;
    const table = `reset_late${part.replaceAll('/', '_')}`;
    const id = await start(forEach(table, name, { batch: 5, parallel: 4 }), options);
    await paidFor(name, 4);
    await reset(place.client, `${id}${part}`);
    await resultOf(id);
    expect(statusesOf(name)).toEqual(Array.from({ length: 4 }, () => 'completed'));
    expect(await readTable(place.out, table)).toHaveLength(20);
  });

  it('goes on within a pipeline that is a step', async () => {
    const inner: PipelineSpec = {
      name: 'inner',
      steps: { a: appending('in_late', 'Mid in late a'), b: appending('in_late', 'Long in late b', { after: 'a' }) },
    };
    const id = await start({ in: { pipeline: inner } }, options);
    await resultOf(id);
    expect([...statusesOf('Mid in late a'), ...statusesOf('Long in late b')]).toEqual(['completed', 'completed']);
    expect(await readTable(place.out, 'in_late')).toHaveLength(10);
  });

  it('stops the executions of the last attempt', async () => {
    const last = {
      workflowRunTimeout: '4 seconds',
      retry: { maximumAttempts: 2, initialInterval: '1 second' },
    } as const;
    const id = await start({ a: step('Endless late') }, last);
    await resultOf(id).catch(() => undefined);
    await vi.waitFor(() => expect(statusesOf('Endless late')).toEqual(['cancelled']), PATIENTLY);
  });
});

describe.concurrent('a pipeline that somebody starts once more under the same id', () => {
  it('with a key goes on from what is finished, and says what was lost', async () => {
    const workflowId = `pipeline/p/${randomUUID()}`;
    const steps = { a: appending('again', 'Again a'), b: step('Endless again b', { after: 'a' }) };
    await start(steps, { workflowId });
    await paidFor('Endless again b');
    await place.client.workflow.getHandle(workflowId).terminate();
    await start(steps, { workflowId });
    expect((await failureOf(resultOf(workflowId))).message).toContain('ended as cancelled; to pay for it again');
    expect([...statusesOf('Again a'), ...statusesOf('Endless again b')]).toEqual(['completed', 'cancelled']);
    expect(await readTable(place.out, 'again')).toHaveLength(5);
  });

  it('without a key is another run, which waits until the one before has stopped', async () => {
    const workflowId = randomUUID();
    const steps = { a: step('Anew a'), b: step('Long anew b', { after: 'a' }) };
    await start(steps, { workflowId });
    await paidFor('Long anew b');
    await place.client.workflow.getHandle(workflowId).terminate();
    await start(steps, { workflowId });
    await resultOf(workflowId);
    expect(statusesOf('Anew a')).toEqual(['completed', 'completed']);
    expect(statusesOf('Long anew b')).toEqual(['cancelled', 'completed']);
  });
});

it('can be replayed by a worker that knows none of them', async () => {
  await worker.shutdown();
  await place.startWorker();
  let count = 0;
  const query = `TaskQueue = '${place.config.taskQueue}' AND WorkflowType IN ('runPipeline', 'runForEach', 'runBatches') AND ExecutionStatus IN ('Completed', 'Failed', 'Canceled')`;
  for await (const { workflowId, runId } of place.client.workflow.list({ query })) {
    // A closed workflow answers only after its whole history was gone through again.
    expect(await place.client.workflow.getHandle(workflowId, runId).query('progress')).toHaveProperty('phase');
    count += 1;
  }
  expect(count).toBeGreaterThan(30);
});
