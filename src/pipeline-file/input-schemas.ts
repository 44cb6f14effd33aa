import { z } from 'zod';
import type { ParamSpec, PipelineSpec, RunPipelineInput, StepSpec } from '../domain/pipeline.js';
import { SWEEP_POLICIES, type SweepInput } from '../domain/orphans.js';
import type { FollowExecutionInput, RunTaskInput } from '../domain/run.js';
import { duration } from './duration.js';
import type { Fields } from './follow-schema.js';
import { followFields, notEmpty } from './follow-schema.js';
import { runPipelineRule } from './params-rule.js';
import { pipelineRule } from './pipeline-rules.js';
import { keyColumnsRule } from './publish-rules.js';
import type { Finding } from './problems.js';
import { objectOf, withRule } from './rules.js';
import { json, task } from './task-schema.js';

const SECRET_NAME =
  'must be the NAME of a secret (letters, digits and "_"), never the secret itself: the worker takes the value from ' +
  'its environment, TITANFLOW_SECRET_<NAME>';

const runTaskFields = {
  task,
  ...followFields,
  executionId: notEmpty.exactOptional().describe('Follow this execution instead of starting and paying for one.'),
  onUnknown: z
    .enum(['adopt', 'fail', 'resubmit'])
    .exactOptional()
    .describe('When nobody knows whether a run was started. Default `adopt`: look for it, else send again.'),
  secretPayload: z
    .record(z.string(), z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, SECRET_NAME))
    .exactOptional()
    .describe('Secrets of the run. The values are NAMES: the worker resolves `X` from `TITANFLOW_SECRET_X`.'),
} satisfies Fields<RunTaskInput>;

/** Input of the workflow `runTask`. */
export const runTaskInput = withRule(z.strictObject(runTaskFields), keyColumnsRule) satisfies z.ZodType<RunTaskInput>;

/** Input of the workflow `followExecution`. */
export const followExecutionInput = withRule(
  z.strictObject({
    ...followFields,
    executionId: notEmpty.describe('The execution to follow.'),
    task: task.exactOptional().describe('Where the schema of the rows is taken from.'),
  } satisfies Fields<FollowExecutionInput>),
  keyColumnsRule,
) satisfies z.ZodType<FollowExecutionInput>;

const stepName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');

const step = withRule(
  z.strictObject({
    after: z
      .union([z.string(), z.array(z.string())])
      .exactOptional()
      .describe('Steps that must have ended well before this one starts: one name or a list. Default: none.'),
    ...runTaskFields,
  } satisfies Fields<StepSpec>),
  keyColumnsRule,
).describe('One run of one task.');

const param = z
  .strictObject({
    default: json.exactOptional().describe('Used when the parameter is not given; without it, it must be.'),
  } satisfies Fields<ParamSpec>)
  .meta({
    title: 'a mapping such as { default: laptops }, or {} without a default',
    examples: [{ default: 'laptops' }, {}],
  });

/** A pipeline file. */
export const pipelineSpec = withRule(
  z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1 to 100 letters, digits, "-", "_" or "."')
      .describe('Name of the pipeline: part of the ids of its workflows, and the owner of the tables it replaces.'),
    params: z
      .record(stepName, param)
      .exactOptional()
      .describe('Parameters, for the steps to use as `${params.<name>}`.'),
    steps: z
      .record(stepName, step)
      .refine((steps) => Object.keys(steps).length > 0, { error: 'must have at least one step' })
      .meta({ description: 'The steps by name. They run at once, unless `after` says otherwise.', minProperties: 1 }),
  } satisfies Fields<PipelineSpec>),
  pipelineRule,
) satisfies z.ZodType<PipelineSpec>;

/** Input of the workflow `runPipeline`. */
export const runPipelineInput = withRule(
  z.strictObject({
    pipeline: pipelineSpec,
    params: z.record(z.string(), json).exactOptional(),
    key: notEmpty.exactOptional(),
  } satisfies Fields<RunPipelineInput>),
  runPipelineRule,
) satisfies z.ZodType<RunPipelineInput>;

/** Input of the workflow `sweepOrphans`. */
export const sweepInput = withRule(
  z.strictObject({
    policy: z.enum(SWEEP_POLICIES).exactOptional().describe('What is done with orphans. Default `report`.'),
    olderThan: duration.exactOptional().describe('Younger ones are left alone. Default 15 minutes.'),
    follow: z.strictObject(followFields).exactOptional().describe('How adopted executions are followed.'),
  } satisfies Fields<SweepInput>),
  sweepRule,
) satisfies z.ZodType<SweepInput>;

function sweepRule(input: unknown): readonly Finding[] {
  const { policy, follow } = objectOf(input);
  if (follow === undefined || policy === 'adopt') return [];
  return [{ path: ['follow'], message: '"follow" goes with policy "adopt" only' }];
}
