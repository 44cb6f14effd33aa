import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PipelineSpec } from '../../src/domain/pipeline.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 1 } } });
  await place.startWorker();
});

afterAll(() => place.close());

/** Steps that do not wait for each other, all of one task. */
function wide(count: number): PipelineSpec {
  const step = { task: { ...PRODUCT_TASK, name: `One of ${count}` } };
  return { name: 'wide', steps: Object.fromEntries(Array.from({ length: count }, (_, at) => [`s${at}`, step])) };
}

it('refuses 1,500 steps at once, and the worker goes on with other runs', async () => {
  const from = Date.now();
  const { result } = await place.titanflow.runPipeline(randomUUID(), { pipeline: wide(1_500) });
  const failure = await failureOf(result());
  expect(Date.now() - from).toBeLessThan(15_000);
  expect(failure.type).toBe('InvalidInput');
  expect(failure.message).toContain('pipeline.steps.s500: a pipeline may have 500 steps');
  expect(place.executionsOf('One of 1500')).toEqual([]);
  const next = await place.titanflow.runPipeline(randomUUID(), { pipeline: wide(1) });
  expect(await next.result()).toMatchObject({ steps: { s0: { status: 'completed' } } });
});

it('runs 500 steps at once', async () => {
  const { result } = await place.titanflow.runPipeline(randomUUID(), { pipeline: wide(500) });
  expect(Object.keys((await result()).steps)).toHaveLength(500);
  expect(place.executionsOf('One of 500')).toHaveLength(500);
  // A development server on a busy machine starts few workflows a second.
}, 900_000);
