import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { runTask } from '../../src/workflows/index.js';
import { findRows, SCRAPE, startStep } from '../helpers/for-each.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  const error = 'The page says: '.repeat(4_000);
  const tasks = [
    { name: 'Find', rows: 40 },
    { name: 'Breaks', status: 'failed', error },
  ];
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 3, tasks } } });
  await place.startWorker();
});

afterAll(() => place.close());

async function historyBytes(workflowId: string): Promise<number> {
  const { historySize = Infinity } = await place.client.workflow.getHandle(workflowId).describe();
  return historySize;
}

describe('what is as large as may be', () => {
  it('runs as a task', async () => {
    const task = { ...PRODUCT_TASK, name: 'Large', objective: 'x'.repeat(990_000) };
    const { result } = await place.titanflow.runTask(randomUUID(), { task });
    expect(await result()).toMatchObject({ status: 'completed' });
  });

  it('runs as steps that start at once', async () => {
    const steps = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [name, { task: { ...PRODUCT_TASK, name, objective: '${params.text}' } }]),
    );
    const pipeline = { name: 'large', params: { text: {} }, steps };
    const params = { text: 'x'.repeat(980_000) };
    const { result } = await place.titanflow.runPipeline(randomUUID(), { pipeline, params });
    expect(Object.keys((await result()).steps)).toHaveLength(3);
  });
});

describe('what is larger is refused, and nothing is paid', () => {
  it.each([1_010_000, 1_600_000, 2_090_000])('as a task of %i bytes', async (bytes) => {
    const name = `Too large ${bytes}`;
    const started = await place.client.workflow.start<typeof runTask>('runTask', {
      workflowId: randomUUID(),
      taskQueue: place.config.taskQueue,
      args: [{ task: { ...PRODUCT_TASK, name, objective: 'x'.repeat(bytes) } }],
    });
    expect(await failureOf(started.result())).toMatchObject({ type: 'InvalidInput' });
    expect(place.executionsOf(name)).toEqual([]);
  });

  it('as a step that uses a parameter three times', async () => {
    const task = { ...PRODUCT_TASK, name: 'Thrice', objective: '${params.text}${params.text}${params.text}' };
    const pipeline = { name: 'thrice', params: { text: {} }, steps: { scrape: { task } } };
    const { result } = await place.titanflow.runPipeline(randomUUID(), {
      pipeline,
      params: { text: 'x'.repeat(800_000) },
    });
    const failure = await failureOf(result());
    expect(failure).toMatchObject({ type: 'InvalidInput' });
    expect(failure.message).toMatch(/pipeline\.steps\.scrape\.task\.objective: .*2,400,\d{3} bytes/);
    expect(place.executionsOf('Thrice')).toEqual([]);
  });
});

describe('errors of 60 kB each', () => {
  it('are cut in the failures and histories of a step and its batches', async () => {
    const rows = await findRows(place, 'Find');
    const step = await startStep(place, rows, {
      task: { ...SCRAPE, name: 'Breaks' },
      forEach: { batch: 1, parallel: 8 },
    });
    const failure = await failureOf(step.result());
    expect(failure.message).toMatch(
      /^40 of 40 batches failed; .*; pay for what is missing only: titanflow retry \S+\n- batch .*more bytes\)\n.*\n- and 37 more$/s,
    );
    expect(failure.message.length).toBeLessThan(6_000);
    expect(await historyBytes(step.workflowId)).toBeLessThan(100_000);
    expect(await historyBytes(`${step.workflowId}/batches/1`)).toBeLessThan(40 * 2 * 10_000);
  });
});
