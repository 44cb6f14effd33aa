import { z } from 'zod';
import type { KeptReject } from './store.js';

/** The driver gives a bigint as text. */
const storedReject = z.object({
  run: z.string(),
  table: z.string(),
  execution: z.string(),
  row: z.coerce.number().int().nonnegative(),
  reason: z.string(),
  raw: z.string(),
  at: z.string(),
  replayed_at: z.string().nullable(),
});

/** Reads a reject as a database gives it back. */
export function readReject(found: unknown): KeptReject {
  const { replayed_at: replayedAt, ...reject } = storedReject.parse(found);
  return replayedAt === null ? reject : { ...reject, replayedAt };
}
