import ms from 'ms';
import type { StringValue } from 'ms';
import { z } from 'zod';

/** An amount and its unit: of a bare number, `ms` would make milliseconds. */
const DURATION = /^[\d.]+ *[A-Za-z]+$/;

/** A text with a unit, as Temporal reads them. */
export const duration = z
  .string()
  .refine((text) => readDuration(text) !== undefined, {
    error: 'must be a duration such as "6 hours", "90 minutes" or "7 days"',
  })
  .meta({
    title: 'a duration such as "6 hours"',
    pattern: DURATION.source,
    examples: ['30 minutes', '6 hours', '24 hours', '7 days'],
  });

const LONGEST_TEXT = 50;

/** Milliseconds, more than 0; undefined for what is no duration. */
export function readDuration(text: string): number | undefined {
  // Of texts that are too long `ms` throws; of others that it does not understand it returns undefined, which
  // its types do not say: a comparison with that is false.
  if (!DURATION.test(text) || text.length > LONGEST_TEXT) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const milliseconds = ms(text as StringValue);
  return milliseconds > 0 ? milliseconds : undefined;
}
