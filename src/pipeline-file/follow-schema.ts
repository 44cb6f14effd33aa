import { z } from 'zod';
import type { FollowOptions, Publication } from '../domain/run.js';
import { duration } from './duration.js';
import { publicationRule, publishRule } from './publish-rules.js';
import { withRule } from './rules.js';

/** One schema for each key of a type, none forgotten and none too many. */
export type Fields<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

export const notEmpty = z.string().min(1, 'must not be empty');

const publication = withRule(
  z.strictObject({
    store: notEmpty.describe('Name of a store in the stores file.'),
    table: notEmpty.describe('The table, or `schema.table` where the store has schemas.'),
    mode: z
      .enum(['append', 'replace', 'merge'])
      .describe('`append` adds the rows, `replace` swaps the whole table, `merge` updates rows by their `key`.'),
    key: z
      .array(notEmpty)
      .min(1, 'must name at least one column')
      .exactOptional()
      .describe('Columns that identify a row; only with mode `merge`, which needs them.'),
  } satisfies Fields<Publication>),
  publicationRule,
).meta({
  description: 'One table that the rows are published to.',
  if: { properties: { mode: { const: 'merge' } }, required: ['mode'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['key'] },
  else: { not: { required: ['key'] } },
});

const SHARE = 'must be a share from 0 to 1';
const share = z.number().min(0, SHARE).max(1, SHARE);

const expect = z.strictObject({
  minRows: z
    .int()
    .min(0, 'must be 0 or more')
    .meta({ title: 'a whole number' })
    .exactOptional()
    .describe('At least so many valid rows. Default 1 where rows are published; 0 = an empty result is fine.'),
  maxRejected: share
    .exactOptional()
    .meta({ default: 1, description: 'Largest share of rejected records, 0 to 1. Default 1.' }),
  maxDrop: share
    .exactOptional()
    .describe('Largest share of valid rows fewer than the last publication of a table had, 0 to 1. Default: any.'),
} satisfies Fields<NonNullable<FollowOptions['expect']>>);

/** The keys that say how a run is followed, exported and published. */
export const followFields = {
  format: z
    .enum(['json', 'csv'])
    .exactOptional()
    .meta({ default: 'json', description: 'Format of the export. Default `json`: types survive.' }),
  records: notEmpty.exactOptional().describe('Path of the rows in the exported document, e.g. `data.items`.'),
  publish: withRule(z.array(publication), publishRule)
    .exactOptional()
    .describe('Where the rows go. Default: nowhere, they are only exported.'),
  accept: z.enum(['completed', 'partial']).exactOptional().meta({
    default: 'completed',
    description: '`partial` also takes executions that completed with errors. Default `completed`.',
  }),
  expect: expect.exactOptional().describe('What must hold before anything is published.'),
  coerce: z.boolean().exactOptional().meta({
    default: false,
    description: 'Turn `"12"` into 12 where the output_schema says so. Default false; CSV is always coerced.',
  }),
  deadline: duration.exactOptional().meta({
    default: '24 hours',
    description: 'How long the run may take; the clock stops while it is paused. Default 24 hours.',
  }),
  onDeadline: z.enum(['stop', 'abandon']).exactOptional().meta({
    default: 'stop',
    description: 'What happens to the execution at the deadline. Default `stop`; `abandon` lets it run on.',
  }),
  onCancel: z.enum(['stop', 'keep', 'collect']).exactOptional().meta({
    default: 'stop',
    description: 'What a cancel does to the execution. Default `stop`; `collect` = stop, then take what there is.',
  }),
  giveUpAfter: duration.exactOptional().meta({
    default: '24 hours',
    description: 'Outages of service, store or staging are retried so long. Default 24 hours.',
  }),
  resultsWithin: duration.exactOptional().meta({
    default: '15 minutes',
    description: "So long results may lag behind the execution's end. Default 15 minutes.",
  }),
} satisfies Fields<FollowOptions>;
