import { z } from 'zod';

const pageSize = z.int().positive();

/** What becomes of a parameter in a list's query: it takes effect, it has none, or it is answered with 400. */
const treatment = z.enum(['honoured', 'ignored', 'refused']);

const eachTreatment = z
  .strictObject({ limit: treatment, offset: treatment, status: treatment, sort: treatment, task_id: treatment })
  .partial();

/** How lists are asked and answered. The vendor shows no list, so a client has to get on with all of this. */
export const listDialectSchema = z.strictObject({
  /** array: `data` is the list. items: `data` is `{items, total, limit, offset}`. meta: a list, and the rest in `meta`. */
  shape: z.enum(['array', 'items', 'meta']).default('array'),
  /** Where no limit is asked for, or none is honoured. */
  defaultPage: pageSize.default(50),
  /** A larger limit counts as this one. */
  largestPage: pageSize.default(100),
  /** For all parameters alike, also those that nobody knows; or for each of them, honoured where nothing is said. */
  parameters: z
    .union(
      [treatment, eachTreatment],
      'must be honoured, ignored or refused, or say so for limit, offset, status, sort and task_id',
    )
    .default('honoured'),
  /** Without a `sort` that is honoured. shuffled: always the same, and nothing to do with time. */
  order: z.enum(['newest', 'oldest', 'shuffled']).default('newest'),
});

export type ListDialect = z.output<typeof listDialectSchema>;

export function treatmentOf({ parameters }: ListDialect, name: string): z.output<typeof treatment> {
  if (typeof parameters === 'string') return parameters;
  return Object.entries(parameters).find(([known]) => known === name)?.[1] ?? 'honoured';
}
