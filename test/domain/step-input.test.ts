import { describe, expect, it } from 'vitest';
import { planStep, type StepPlan } from '../../src/domain/plan-step.js';
import type { PipelineSpec, StepSpec } from '../../src/domain/pipeline.js';
import { forEachInput, pipelineInput, taskInput, type StepRun } from '../../src/domain/step-input.js';

const scope = { params: { shop: 'x', n: 3 }, run: { key: 'k', scheduledTime: '2026-01-02T03:00:00Z' } };

function runOf(spec: StepSpec, changes: Partial<StepRun> = {}): StepRun {
  const pipeline = { name: 'p', workflowId: 'pipeline/p/k', first: 'pipeline/p/first', ...scope.run };
  return {
    name: 's',
    plan: planStep(spec, scope),
    pipeline,
    rows: [],
    mayStart: undefined,
    before: undefined,
    ...changes,
  };
}

function as<Kind extends StepPlan['kind']>(kind: Kind, { plan }: StepRun): Extract<StepPlan, { kind: Kind }> {
  if (plan.kind !== kind) throw new Error(`it is a ${plan.kind}`);
  return plan as Extract<StepPlan, { kind: Kind }>;
}

describe('a step', () => {
  it('with a task is what runTask takes, and follows what is paid for', () => {
    const spec: StepSpec = {
      task: { name: 'of ${params.shop}' },
      after: 'a',
      onFailure: 'continue',
      accept: 'partial',
    };
    const run = runOf(spec, { before: { kind: 'paid', executionId: 'e' } });
    expect(as('task', runOf(spec)).input).toEqual({ task: { name: 'of x' }, accept: 'partial' });
    expect(taskInput(run, as('task', run))).toEqual({ task: { name: 'of x' }, accept: 'partial', executionId: 'e' });
  });

  it('with forEach leaves ${batch} to whoever has the rows, and keeps its logical run when it goes on', () => {
    const forEach = { rowsOf: 'find', field: 'url', batch: 10 };
    const task = { name: 'of ${params.shop}', urls: '${batch}', limits: { n: '${params.n}' } };
    const rows = [{ executionId: 'e', task: { id: 't' } }];
    const run = runOf({ task, forEach, expect: { minRows: 1 } }, { rows, mayStart: 7 });
    expect(forEachInput(run, as('forEach', run))).toEqual({
      forEach,
      task: { name: 'of x', urls: '${batch}', limits: { n: 3 } },
      options: { expect: { minRows: 1 } },
      rows,
      pipeline: 'p',
      step: 's',
      run: 'pipeline/p/first/s',
      maxExecutions: 7,
    });
  });

  it('with a pipeline hands on key, time and what may be spent; its references are its own, and it tells nobody', () => {
    const pipeline: PipelineSpec = {
      name: 'inner',
      params: { shop: {} },
      maxExecutions: 5,
      onFailure: { webhook: 'https://example.com' },
      steps: { a: { task: { name: '${params.shop}' } } },
    };
    const { onFailure: _told, ...spec } = pipeline;
    const before = { kind: 'begun', workflowId: 'pipeline/p/first/s' } as const;
    const run = runOf({ pipeline, params: { shop: 'shop ${params.shop}' } }, { mayStart: 2, before });
    expect(pipelineInput(run, as('pipeline', run))).toEqual({
      pipeline: { ...spec, maxExecutions: 2 },
      params: { shop: 'shop x' },
      ...scope.run,
      resumeOf: 'pipeline/p/first/s',
    });
    const free = { ...run, mayStart: undefined, before: undefined };
    expect(pipelineInput(free, as('pipeline', run))).toEqual({
      pipeline: spec,
      params: { shop: 'shop x' },
      ...scope.run,
    });
  });

  it.each<[StepSpec, string]>([
    [{}, 'a step has a `task`, or a `pipeline` as a whole'],
    [{ pipeline: './other.yaml' }, 'a step has a `task`, or a `pipeline` as a whole'],
    [{ task: { id: 't' }, forEach: { rowsOf: 'a', field: 'f' } }, 'not the id of one'],
    [{ task: { name: '${params.nothing}' } }, '${params.nothing} has no value'],
  ])('%j runs nothing', (spec, message) => {
    expect(() => planStep(spec, scope)).toThrow(message);
  });
});
