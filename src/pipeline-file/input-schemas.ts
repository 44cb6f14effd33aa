import { z } from 'zod';
import type { RunPipelineInput } from '../domain/pipeline.js';
import { SWEEP_POLICIES, type SweepInput } from '../domain/orphans.js';
import type { FollowExecutionInput, RunTaskInput } from '../domain/run.js';
import { duration } from './duration.js';
import type { Fields } from './follow-schema.js';
import { followFields, notEmpty } from './follow-schema.js';
import { givenParamsRule } from './params-rule.js';
import { keyColumnsRule } from './publish-rules.js';
import { pipelineSpec } from './pipeline-schema.js';
import type { Finding } from './problems.js';
import { objectOf, withRule } from './rules.js';
import { stepsIn } from './steps-in.js';
import { runTaskFields } from './step-schema.js';
import { json } from './json-value.js';
import { task } from './task-schema.js';

/** Input of the workflow `runTask`. */
export const runTaskInput = withRule(z.strictObject(runTaskFields), keyColumnsRule) satisfies z.ZodType<RunTaskInput>;

/** Input of the workflow `followExecution`. */
export const followExecutionInput = withRule(
  z.strictObject({
    ...followFields,
    executionId: notEmpty.describe('The execution to follow.'),
    task: task.exactOptional().describe('Where the schema of the rows is taken from.'),
    batch: z
      .strictObject({ run: notEmpty, batch: z.int().min(1), stagingId: notEmpty.exactOptional() })
      .exactOptional()
      .describe('Set by a `forEach` step for its batches.'),
  } satisfies Fields<FollowExecutionInput>),
  keyColumnsRule,
) satisfies z.ZodType<FollowExecutionInput>;

/** Input of the workflow `runPipeline`. */
export const runPipelineInput = withRule(
  z.strictObject({
    pipeline: pipelineSpec,
    params: z.record(z.string(), json).exactOptional(),
    key: notEmpty.exactOptional(),
    resumeOf: notEmpty.exactOptional(),
    rerun: z.boolean().exactOptional(),
    release: z.union([z.boolean(), z.array(notEmpty)]).exactOptional(),
    scheduledTime: z.iso.datetime({ offset: true }).exactOptional(),
  } satisfies Fields<RunPipelineInput>),
  (input) => [...givenParamsRule(input), ...otherFiles(input)],
) satisfies z.ZodType<RunPipelineInput>;

/** No worker has the files of whoever starts the workflow. */
function otherFiles(input: unknown): readonly Finding[] {
  return stepsIn(objectOf(input)['pipeline'], ['pipeline']).flatMap(({ path, step }) => {
    if (typeof step['pipeline'] !== 'string') return [];
    const message = 'only the command line knows files: put the pipeline itself in place of its name';
    return [{ path: [...path, 'pipeline'], message }];
  });
}

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
