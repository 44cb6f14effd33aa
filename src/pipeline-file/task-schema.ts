import { z } from 'zod';
import type { Json } from '../domain/json.js';
import type { TaskDefinition } from '../domain/run.js';
import { objectOf, withRule } from './rules.js';

const SCHEDULED =
  'must be "single": the service would run and bill a "scheduled" task for ever; to repeat it, use "single" and a ' +
  'Temporal schedule';

/** Any JSON value; YAML can also write numbers that JSON has no word for. */
export const json = z.custom<Json>(isJson, { abort: false, error: 'must be a JSON value: no .nan and no .inf' });

const savedTask = z
  .strictObject({ id: z.string().min(1, 'must not be empty').describe('Id of a task that the service knows already.') })
  .meta({ title: 'the { id } of a saved task', description: 'A task that the service knows already.' });

const anything = (description: string) => json.exactOptional().describe(description);

/** Named only for editors to suggest: the service judges them. */
const handedOn = {
  urls: anything('List of the pages to start from.'),
  objective: anything('What the run should accomplish, in plain language.'),
  action_type: anything('`search`, `crawl`, `scrape` or `api_call`; leave it out for plain extraction from `urls`.'),
  input_source: anything('Where an action takes its input from: `static_urls` = from `urls`.'),
  limits: anything('Bounds of an action; the keys belong to its template.'),
  payload: anything('Settings of an action; the keys belong to its template. No secrets: see `secretPayload`.'),
  proxy_locations: anything('List of country codes of the proxies to prefer.'),
  template_slug: anything('Template to start from.'),
  execution_plan: anything('Several actions in one task, instead of `action_type`.'),
};

/** The vendor's own body: only what we look at is checked, all else is handed on. */
const taskDefinition = withRule(
  z
    .object({
      name: z.string().min(1, 'must not be empty').describe('Label of the task.'),
      execution_type: z
        .literal('single', { error: (issue) => (issue.input === 'scheduled' ? SCHEDULED : undefined) })
        .exactOptional()
        .describe('Only `single`: a schedule of the service would run and bill for ever.'),
      output_schema: z
        .record(z.string(), json)
        .exactOptional()
        .describe('JSON Schema of one row. Rows are checked against it, and table columns follow its properties.'),
      ...handedOn,
    })
    .catchall(json)
    .meta({
      title: 'a task definition with a "name"',
      description: 'The body of `POST /api/v1/tasks`, handed to the service as it is.',
      not: { required: ['id'] },
    }),
  (task) =>
    Object.hasOwn(objectOf(task), 'id') && Object.hasOwn(objectOf(task), 'name')
      ? [{ path: [], message: 'a task is either { id } alone or a definition, and a definition has no "id"' }]
      : [],
);

export const task: z.ZodType<{ readonly id: string } | TaskDefinition> = z
  .union([taskDefinition, savedTask])
  .describe('What to scrape.');

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object'].includes(typeof value);
  return Object.values(value).every((item) => item === undefined || isJson(item));
}
