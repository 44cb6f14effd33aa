import { z } from 'zod';
import type { ForEach, PipelineSpec, StepSpec, When } from '../domain/pipeline.js';
import type { RunTaskInput } from '../domain/run.js';
import type { Fields } from './follow-schema.js';
import { followFields, notEmpty } from './follow-schema.js';
import { keyColumnsRule } from './publish-rules.js';
import { withRule } from './rules.js';
import { STEP_FORMS, stepRule } from './step-rules.js';
import { json } from './json-value.js';
import { task } from './task-schema.js';

const SECRET_NAME =
  'must be the NAME of a secret (letters, digits and "_"), never the secret itself: the worker takes the value from ' +
  'its environment, TITANFLOW_SECRET_<NAME>';

/** Name of a secret that workers hold. */
export const secretName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, SECRET_NAME);

/** The keys of the input of `runTask`. */
export const runTaskFields = {
  task,
  ...followFields,
  executionId: notEmpty.exactOptional().describe('Follow this execution instead of starting and paying for one.'),
  onUnknown: z.enum(['adopt', 'fail', 'resubmit']).exactOptional().meta({
    default: 'adopt',
    description: 'When nobody knows whether a run was started. Default `adopt`: look for it, else send again.',
  }),
  onPaused: z.enum(['wait', 'fail']).exactOptional().meta({
    default: 'wait',
    description: 'When a person has paused the task at the service. Default `wait`: the run waits until it is resumed.',
  }),
  secretPayload: z
    .record(z.string(), secretName)
    .exactOptional()
    .describe('Secrets of the run. The values are NAMES: the worker resolves `X` from `TITANFLOW_SECRET_X`.'),
} satisfies Fields<RunTaskInput>;

export const stepName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "-" or "_"');

export const positive = z.int().min(1, 'must be 1 or more').meta({ title: 'a whole number' });

const count = z.int().min(0, 'must be 0 or more').meta({ title: 'a whole number' });

const when = z
  .strictObject({
    step: notEmpty.describe('The step that is looked at; this one waits for it.'),
    status: z
      .union([notEmpty, z.array(notEmpty).min(1, 'must name at least one status')])
      .exactOptional()
      .describe('Its last status, one or a list. Default: any in which it ended well.'),
    rows: z
      .strictObject({
        min: count.exactOptional().describe('At least so many valid rows.'),
        max: count.exactOptional().describe('At most so many valid rows.'),
      } satisfies Fields<NonNullable<When['rows']>>)
      .exactOptional()
      .describe('How many valid rows it had.'),
  } satisfies Fields<When>)
  .describe('Skips the step unless an earlier one ended as described.');

const forEach = z
  .strictObject({
    rowsOf: notEmpty.describe('The step whose rows these are; this one waits for it.'),
    field: notEmpty.describe('Path of the value in a row, e.g. `url` or `links.0.href`.'),
    batch: positive.exactOptional().meta({ default: 50, description: 'Most values in a batch. Default 50.' }),
    parallel: positive.exactOptional().meta({ default: 10, description: 'Most batches at once. Default 10.' }),
    distinct: z
      .boolean()
      .exactOptional()
      .meta({ default: true, description: 'Equal values count once. Default true.' }),
    max: positive.exactOptional().describe('Most values in all. Default: no limit.'),
    keepTasks: z.boolean().exactOptional().meta({
      default: true,
      description: 'False: the tasks of the batches are deleted when the step is published. Default true.',
    }),
  } satisfies Fields<ForEach>)
  .describe('Feeds the rows of an earlier step to the task, a batch at a time; `${batch}` is the list of values.');

/** @param pipeline what a step may name as another pipeline: that of the whole, which has steps itself */
export function stepSchema(pipeline: () => z.ZodType<PipelineSpec>): z.ZodType<StepSpec> {
  return withRule(
    z.strictObject({
      ...runTaskFields,
      task: task.exactOptional(),
      pipeline: z
        .union([
          notEmpty.meta({ title: 'the path of a file' }),
          z.lazy(pipeline).meta({ title: 'a pipeline with a "name" and "steps"' }),
        ])
        .exactOptional()
        .describe('Another pipeline to run as this step: the path of its file, or the pipeline itself.'),
      params: z.record(z.string(), json).exactOptional().describe('Parameters of the other pipeline.'),
      forEach: forEach.exactOptional(),
      after: z
        .union([z.string(), z.array(z.string())])
        .exactOptional()
        .describe('Steps that must have ended well before this one starts: one name or a list. Default: none.'),
      when: when.exactOptional(),
      onFailure: z.enum(['fail', 'continue']).exactOptional().meta({
        default: 'fail',
        description: 'Default `fail`: steps after it do not start. `continue`: they go on as if it had had no rows.',
      }),
    } satisfies Fields<StepSpec>),
    (step) => [...stepRule(step), ...keyColumnsRule(step)],
  ).meta({
    ...STEP_FORMS,
    description: 'One run of one task, of a task for each batch of rows, or of another pipeline.',
  });
}
