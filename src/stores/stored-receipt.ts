import { z } from 'zod';

/** The driver gives a bigint as text. */
const count = z.coerce.number().int().nonnegative();

/** A receipt as a database gives it back. */
export const storedReceipt = z.object({
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
});

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
