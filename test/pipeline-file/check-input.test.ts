import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { PipelineSpec, RunPipelineInput } from '../../src/domain/pipeline.js';
import type { SweepInput } from '../../src/domain/orphans.js';
import type { FollowExecutionInput, RunTaskInput } from '../../src/domain/run.js';
import { checkInput, checkParams, type InputKind } from '../../src/pipeline-file/check-input.js';
import type {
  followExecutionInput,
  runPipelineInput,
  runTaskInput,
  sweepInput,
} from '../../src/pipeline-file/input-schemas.js';
import type { pipelineSpec } from '../../src/pipeline-file/pipeline-schema.js';
import { formatProblem } from '../../src/pipeline-file/problems.js';

const pipeline = {
  name: 'shop',
  params: { query: {}, pages: { default: 3 } },
  steps: { find: { task: { id: 't-1' } } },
};

/** A default says the type where nothing else does, and a number may have a fraction. */
const PARAMS = {
  text: { type: 'string' },
  count: { type: 'integer' },
  flag: { type: 'boolean' },
  list: { type: 'list' },
  map: { type: 'object' },
  n: { default: 3 },
};

const ROUNDED =
  'a number beyond 9007199254740991 may have lost digits already: send it as a text, or a smaller one where a number is needed';

function problemsOf(kind: InputKind, input: unknown): string[] {
  return checkInput(kind, input).map((problem) => formatProblem(kind, problem));
}

describe('the input of a workflow', () => {
  it('is good with everything that the types know', () => {
    const follow = {
      format: 'json',
      records: 'data.items',
      publish: [
        { store: 'local', table: 'a', mode: 'merge', key: ['sku'] },
        { store: 'local', table: 'b', mode: 'replace' },
      ],
      accept: 'partial',
      expect: { minRows: 0, maxRejected: 0.5, maxDrop: 0.2 },
      coerce: true,
      deadline: '90 minutes',
      onDeadline: 'abandon',
      onCancel: 'collect',
      giveUpAfter: '1.5h',
    };
    const task = {
      name: 'Shops',
      execution_type: 'single',
      output_schema: { properties: { sku: {} } },
      urls: ['https://shop.example'],
    };

    expect(problemsOf('followExecution', { executionId: 'e-1', ...follow, task })).toEqual([]);
    expect(
      problemsOf('runTask', {
        task,
        ...follow,
        executionId: 'e',
        onUnknown: 'fail',
        secretPayload: { key: 'SHOP_KEY' },
      }),
    ).toEqual([]);
    expect(problemsOf('runPipeline', { pipeline, params: { query: null, pages: 4 }, key: 'today' })).toEqual([]);
    const params = { text: '', count: 3, flag: false, list: [1], map: {}, n: 2.5 };
    expect(problemsOf('runPipeline', { pipeline: { ...pipeline, params: PARAMS }, params })).toEqual([]);
    const other = { name: 'other', steps: { all: { pipeline, params: { query: '${run.key}', pages: '${run.key}' } } } };
    expect(problemsOf('runPipeline', { pipeline: other })).toEqual([]);
    expect(problemsOf('sweepOrphans', {})).toEqual([]);
    expect(problemsOf('sweepOrphans', { policy: 'adopt', olderThan: '1 hour', follow })).toEqual([]);
  });

  it.each<[InputKind, unknown, string[]]>([
    ['runTask', undefined, ['must be a mapping, is empty']],
    ['runTask', 'x', ['must be a mapping, is a text']],
    ['runTask', {}, ['"task" is missing']],
    ['runTask', { task: { id: 't' }, after: 'x' }, ['unknown key "after"']],
    [
      'runTask',
      { task: { id: 't' }, onUnknown: 'retry' },
      ['onUnknown: "onUnknown" must be "adopt", "fail" or "resubmit", is "retry"'],
    ],
    ['followExecution', { executionId: '' }, ['executionId: "executionId" must not be empty']],
    ['followExecution', { executionId: 'e', secretPayload: {} }, ['unknown key "secretPayload"']],
    [
      'runPipeline',
      { pipeline: { ...pipeline, params: {} }, parms: {} },
      ['unknown key "parms", did you mean "params"?'],
    ],
    [
      'runPipeline',
      { pipeline: { name: 'x', steps: { a: { task: { id: 't' }, after: 'b' } } } },
      ['pipeline.steps.a.after: there is no step "b"'],
    ],
    [
      'runPipeline',
      { pipeline, params: { qery: 'x' } },
      [
        'params: parameter "qery" is not declared, did you mean "query"?',
        'params: parameter "query" has no default and must be given',
      ],
    ],
    [
      'runPipeline',
      {
        pipeline: { ...pipeline, params: PARAMS },
        params: { text: 1, count: 1.5, flag: 'no', list: {}, map: [], n: '3' },
      },
      [
        'params.text: parameter "text" must be a text, is 1',
        'params.count: parameter "count" must be a whole number, is 1.5',
        'params.flag: parameter "flag" must be true or false, is a text',
        'params.list: parameter "list" must be a list such as ["a", "b"], is a mapping',
        'params.map: parameter "map" must be a mapping such as {"a": 1}, is a list',
        'params.n: parameter "n" must be a number, is a text',
      ],
    ],
    [
      'runPipeline',
      { pipeline: { name: 'x', steps: { a: { pipeline: { name: 'y', steps: { b: { pipeline: './z.yaml' } } } } } } },
      [
        'pipeline.steps.a.pipeline.steps.b.pipeline: only the command line knows files: put the pipeline itself in place of its name',
      ],
    ],
    [
      'runPipeline',
      {
        pipeline: {
          name: 'x',
          steps: { a: { pipeline: { name: 'y', steps: { b: { task: { id: 5 } } }, parms: {} } } },
        },
      },
      [
        'pipeline.steps.a.pipeline.steps.b.task.id: "id" must be a text, is 5',
        'pipeline.steps.a.pipeline: unknown key "parms", did you mean "params"?',
      ],
    ],
    ['sweepOrphans', { policy: 'kill' }, ['policy: "policy" must be "report", "adopt" or "stop", is "kill"']],
    ['sweepOrphans', { follow: {} }, ['follow: "follow" goes with policy "adopt" only']],
    [
      'sweepOrphans',
      { olderThan: 'a'.repeat(200) },
      ['olderThan: "olderThan" must be a duration such as "6 hours", "90 minutes" or "7 days"'],
    ],
    [
      'sweepOrphans',
      { policy: 'adopt', follow: { executionId: 'e', publish: [{ store: 'a', table: 't', mode: 'merge' }] } },
      [
        'follow.publish[0]: mode "merge" needs a "key": the columns that identify a row',
        'follow: unknown key "executionId"',
      ],
    ],
    [
      'runTask',
      { task: { name: 'x', urls: ['https://x.example'], payload: { seller: [9007199254740992, -1e30] } } },
      ['task.payload.seller[0]', 'task.payload.seller[1]'].map((place) => `${place}: ${ROUNDED}`),
    ],
    [
      'runTask',
      { task: { name: 'x', urls: ['https://x.example'], output_schema: { maximum: 2 ** 63 } } },
      [`task.output_schema.maximum: ${ROUNDED}`],
    ],
    ['runPipeline', { pipeline, params: { query: 2 ** 64 } }, [`params.query: ${ROUNDED}`]],
    [
      'runPipeline',
      { pipeline: { ...pipeline, params: { query: { default: 2 ** 53 } } } },
      [`pipeline.params.query.default: ${ROUNDED}`],
    ],
    ['runPipeline', { pipeline }, ['parameter "query" has no default and must be given']],
  ])('is refused with every reason: %s %j', (kind, input, says) => {
    expect(problemsOf(kind, input)).toEqual(says.map((line) => `${kind}: ${line}`));
  });

  it('never shows what somebody took for the name of a secret', () => {
    const problems = problemsOf('runTask', { task: { id: 't' }, secretPayload: { token: 'canary-1234' } });

    expect(problems).toHaveLength(1);
    expect(problems.join()).toContain('NAME of a secret');
    expect(problems.join()).not.toContain('canary');
  });
});

describe('the parameters of the command line', () => {
  it('are those that the pipeline declares, and all that have no default', () => {
    expect(checkParams(pipeline, { query: 'x' })).toEqual([]);
    expect(checkParams(pipeline, { pages: 1, toString: 2 }).map(({ message }) => message)).toEqual([
      'parameter "toString" is not declared, known here: "query", "pages"',
      'parameter "query" has no default and must be given',
    ]);
    expect(checkParams({ name: 'x', steps: {} }, { a: 1 })).toEqual([
      { path: [], message: 'parameter "a" is not declared' },
    ]);
  });
});

describe('the schemas', () => {
  it('take exactly the types of the domain', () => {
    expectTypeOf<Frozen<z.infer<typeof pipelineSpec>>>().toExtend<PipelineSpec>();
    expectTypeOf<PipelineSpec>().toExtend<Frozen<z.infer<typeof pipelineSpec>>>();
    expectTypeOf<RunPipelineInput>().toExtend<Frozen<z.infer<typeof runPipelineInput>>>();
    expectTypeOf<RunTaskInput>().toExtend<Frozen<z.infer<typeof runTaskInput>>>();
    expectTypeOf<FollowExecutionInput>().toExtend<Frozen<z.infer<typeof followExecutionInput>>>();
    expectTypeOf<SweepInput>().toExtend<Frozen<z.infer<typeof sweepInput>>>();
  });
});

/** Zod's types are mutable, ours are not. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
