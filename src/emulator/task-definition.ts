import { z } from 'zod';
import { ApiError } from './envelope.js';
import type { JsonObject } from './json.js';

/** Five fields, as in the one example that the vendor gives: `0 * * * *`. */
const CRON = /^\s*\S+(?:\s+\S+){4}\s*$/;

const text = z.string('must be a text').trim().min(1, 'must not be empty');

const definitionSchema = z
  .looseObject({
    name: text,
    objective: text,
    execution_type: z.enum(['single', 'scheduled'], 'must be single or scheduled'),
    schedule: z.string('must be a text').regex(CRON, 'must be a cron text of five fields').optional(),
    urls: z.array(z.string('must be a text'), 'must be an array of texts').optional(),
    output_schema: z.record(z.string(), z.unknown(), 'must be an object').optional(),
    action_type: z
      .enum(['search', 'crawl', 'scrape', 'api_call'], 'must be search, crawl, scrape or api_call')
      .optional(),
    execution_plan: z.unknown().optional(),
    template_id: z.unknown().optional(),
    template_slug: z.unknown().optional(),
  })
  .superRefine((task, context) => {
    const refuse = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    const isClassic = !task.action_type && !task.execution_plan && !task.template_id && !task.template_slug;
    if (isClassic && !task.urls?.length) refuse('urls', 'must name at least one url');
    if (task.execution_type === 'scheduled' && task.schedule === undefined) {
      refuse('schedule', 'is needed for a scheduled task');
    }
    if (task.action_type && task.execution_plan) refuse('execution_plan', 'does not go with action_type');
  });

/**
 * Checks the body of a task, as far as the API documents it; what it does not document passes.
 *
 * @throws ApiError 400 that names every wrong field
 */
export function checkDefinition(body: JsonObject): void {
  const parsed = definitionSchema.safeParse(body);
  if (parsed.success) return;
  throw new ApiError(400, parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
