import { expect, it } from 'vitest';
import type { ForEachResult, StepSpec } from '../../src/domain/pipeline.js';
import { rowsSources } from '../../src/domain/rows-sources.js';
import type { RunTaskResult } from '../../src/domain/run.js';

const task = { id: 't' };
const file = { uri: 'u', format: 'json', bytes: 1, records: 1, sha256: 's' } as const;

function ran(executionId: string): RunTaskResult {
  return { taskId: `task of ${executionId}`, executionId, status: 'completed', export: file, published: [] };
}

const each: ForEachResult = {
  run: 'p/each',
  batches: 1,
  completed: 1,
  executions: 1,
  records: 1,
  rejected: 0,
  published: [],
};

it('a run is taken with the options that its rows were read with, by the task that it really had', () => {
  const step: StepSpec = { task, format: 'csv', records: 'data.items', coerce: true, accept: 'partial' };
  expect(rowsSources(step, ran('e1'))).toEqual([
    { executionId: 'e1', format: 'csv', records: 'data.items', coerce: true, task: { id: 'task of e1' } },
  ]);
});

it('a step without a result has no rows', () => {
  expect(rowsSources({ task }, undefined)).toEqual([]);
});

it('a pipeline has the rows of the steps that nothing in it comes after, also through another one', () => {
  const inner = { name: 'inner', steps: { first: { task }, each: { task, forEach: { rowsOf: 'first', field: 'f' } } } };
  const step: StepSpec = {
    pipeline: {
      name: 'outer',
      steps: { a: { task }, b: { task, after: 'a' }, left: { task }, inner: { pipeline: inner }, failed: { task } },
    },
  };
  const steps = { a: ran('a'), b: ran('b'), left: ran('left'), inner: { steps: { first: ran('first'), each } } };
  expect(rowsSources(step, { steps })).toEqual([
    { executionId: 'b', task: { id: 'task of b' } },
    { executionId: 'left', task: { id: 'task of left' } },
    { run: 'p/each' },
  ]);
});
