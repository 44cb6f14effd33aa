import { z } from 'zod';
import type { FailureNotice, ParamSpec, PipelineSpec, ScheduleSpec } from '../domain/pipeline.js';
import { duration } from './duration.js';
import type { Fields } from './follow-schema.js';
import { notEmpty } from './follow-schema.js';
import { PARAM_FORMS, PARAM_TYPES, paramRule } from './params-rule.js';
import { pipelineRule } from './pipeline-rules.js';
import { withRule } from './rules.js';
import { SCHEDULE_FORMS, scheduleRule } from './schedule-rules.js';
import { MOST_STEPS } from './step-limit.js';
import { positive, secretName, stepName, stepSchema } from './step-schema.js';
import { json } from './json-value.js';

const param = withRule(
  z.strictObject({
    type: z
      .enum(PARAM_TYPES)
      .exactOptional()
      .describe('What its values are. Default: the type of `default`, else any.'),
    description: z.string().exactOptional().describe('What it is for.'),
    default: json.exactOptional().describe('Used when the parameter is not given; without it, it must be.'),
  } satisfies Fields<ParamSpec>),
  paramRule,
).meta({
  ...PARAM_FORMS,
  title: 'a mapping such as { default: laptops }, or {} without a default',
  examples: [{ default: 'laptops' }, {}],
});

const failureNotice = z
  .strictObject({
    webhook: z
      .url({ protocol: /^https?$/, error: 'must be a URL that begins with https:// or http://' })
      .describe('Gets a POST when the pipeline fails.'),
    secret: secretName.exactOptional().describe('NAME of the secret that signs it, as Standard Webhooks say.'),
  } satisfies Fields<FailureNotice>)
  .describe('Whom to tell when the pipeline fails.');

const schedule = withRule(
  z.strictObject({
    cron: z
      .union([notEmpty, z.array(notEmpty).min(1, 'must have at least one expression')])
      .exactOptional()
      .describe('When it starts, as cron expressions.'),
    interval: duration.exactOptional().describe('How often it starts.'),
    timezone: notEmpty
      .exactOptional()
      .meta({ default: 'UTC', description: 'Time zone of `cron`, e.g. `Europe/Berlin`. Default UTC.' }),
    overlap: z
      .enum(['skip', 'bufferOne', 'bufferAll', 'cancelOther', 'terminateOther', 'allowAll'])
      .exactOptional()
      .meta({ default: 'skip', description: 'What happens when the one before still runs. Default `skip`.' }),
    catchup: duration.exactOptional().describe('How late a missed start is still made up for.'),
    jitter: duration.exactOptional().describe('Starts are spread over so long.'),
    paused: z.boolean().exactOptional().meta({ default: false, description: 'Whether it is paused. Default false.' }),
    params: z.record(z.string(), json).exactOptional().describe('Parameters of scheduled runs.'),
    onFailure: failureNotice.exactOptional(),
  } satisfies Fields<ScheduleSpec>),
  scheduleRule,
).meta({
  ...SCHEDULE_FORMS,
  description: 'When the pipeline starts by itself; `titanflow schedule apply` makes it so.',
});

/** A pipeline file. */
export const pipelineSpec: z.ZodType<PipelineSpec> = withRule(
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
      .record(
        stepName,
        stepSchema(() => pipelineSpec),
      )
      .refine((steps) => Object.keys(steps).length > 0, { error: 'must have at least one step' })
      .meta({
        description: 'The steps by name. They run at once, unless `after` says otherwise.',
        minProperties: 1,
        maxProperties: MOST_STEPS,
      }),
    parallel: positive.exactOptional().describe('Most steps at once. Default: as many as the graph allows.'),
    failFast: z.boolean().exactOptional().meta({
      default: false,
      description: 'True: a step that fails stops those that run. Default false: they finish and publish.',
    }),
    maxExecutions: positive
      .exactOptional()
      .describe('Most executions that one run of the pipeline may start. Default: any number.'),
    onFailure: failureNotice.exactOptional(),
    schedule: schedule.exactOptional(),
  } satisfies Fields<PipelineSpec>),
  pipelineRule,
);
