import { z } from 'zod';
import type { TaskDefinition } from '../domain/run.js';
import { json } from './json-value.js';
import { objectOf, withRule } from './rules.js';
import { definitionRule, taskFields } from './task-fields.js';

const SCHEDULED =
  'must be "single": the service would run and bill a "scheduled" task for ever; to repeat it, use "single" and a ' +
  'Temporal schedule';

const savedTask = z
  .strictObject({ id: z.string().min(1, 'must not be empty').describe('Id of a task that the service knows already.') })
  .meta({ title: 'the { id } of a saved task', description: 'A task that the service knows already.' });

const anything = (description: string) => json.exactOptional().describe(description);

/** Named only for editors to suggest: the service judges them. */
const handedOn = {
  input_source: anything('Where an action takes its input from: `static_urls` = from `urls`.'),
  template_slug: anything('Template to start from.'),
  execution_plan: anything('Several actions in one task, instead of `action_type`.'),
};

/** The vendor's own body: what its guide tells the shape of is checked, all else is handed on. */
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
      ...taskFields,
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
      : definitionRule(task),
);

export const task: z.ZodType<{ readonly id: string } | TaskDefinition> = z
  .union([taskDefinition, savedTask])
  .describe('What to scrape.');
