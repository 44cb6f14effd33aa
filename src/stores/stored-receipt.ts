import { z } from 'zod';
import type { PublishReceipt } from '../domain/run.js';
import { requireSameTerms } from './publication-rules.js';
import type { Load } from './store.js';

/** The driver gives a bigint as text. */
const count = z.coerce.number().int().nonnegative();

const storedReceipt = z.object({
  mode: z.enum(['append', 'replace', 'merge']),
  key: z.array(z.string()).nullable(),
  superseded: z.boolean(),
  records: count,
  rows: count,
  rejected: count,
  inserted: count,
  updated: count,
  unchanged: count,
  duplicates: count,
  widened: z.array(z.string()).nullish(),
});

/**
 * Reads the receipt of a load's run as a database gives it back.
 *
 * @throws StoreError where it stands for another publication
 */
export function readReceipt({ run, publication }: Load, found: unknown): PublishReceipt {
  const { key, widened, ...counts } = storedReceipt.parse(found);
  requireSameTerms(publication, run, { mode: counts.mode, key: key ?? undefined });
  return { store: publication.store, table: publication.table, ...counts, ...(widened ? { widened } : {}) };
}

/** What of it counts for a replay. */
export const storedTerms = z.object({
  store: z.string(),
  owner: z.string(),
  mode: z.enum(['append', 'replace', 'merge']),
  key: z.array(z.string()).nullable(),
  at: z.string(),
  /** Its rows were replaced since, or never went in. */
  superseded: z.boolean(),
});
