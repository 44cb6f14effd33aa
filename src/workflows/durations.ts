import { msToNumber, type Duration } from '@temporalio/common/lib/time.js';

const DEFAULT_MS = 24 * 60 * 60_000;

/** A duration of an input in milliseconds. Unreadable ones are refused by the first activity; until then the default holds. */
export function millisecondsOr(duration: unknown, fallback = DEFAULT_MS): number {
  if (typeof duration !== 'string') return fallback;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is no duration throws
    return msToNumber(duration as Duration);
  } catch {
    return fallback;
  }
}
