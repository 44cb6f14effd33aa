import { z } from 'zod';
import type { Random } from './random.js';

/** Seconds, or the least and the most of them: every execution draws its own. */
export const durationSchema = z.union(
  [
    z.number().nonnegative(),
    z
      .tuple([z.number().nonnegative(), z.number().nonnegative()])
      .refine(([least, most]) => least <= most, 'the least comes before the most'),
  ],
  'must be a number of seconds, or [least, most]',
);

export type Duration = z.output<typeof durationSchema>;

/** Milliseconds. */
export function drawMs(duration: Duration, random: Random): number {
  if (typeof duration === 'number') return duration * 1000;
  const [least, most] = duration;
  return (least + random.fraction() * (most - least)) * 1000;
}
