import type { TimeSpan } from '../../client/schedules/schedule-times.js';
import { UserError } from '../../user-error.js';

/**
 * Reads `--from` and `--to`: a day (its midnight in UTC), or a time with its offset.
 *
 * @throws UserError
 */
export function readSpan(from: string, to: string, now: Date): TimeSpan {
  const span = { from: readTime('--from', from), to: readTime('--to', to) };
  if (span.from >= span.to) throw new UserError(2, `--from ${from} is not before --to ${to}`);
  if (span.to > now) {
    throw new UserError(2, `--to ${to} is in the future: what comes, the schedule starts by itself`);
  }
  return span;
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function readTime(option: string, text: string): Date {
  const time = new Date(TIME.test(text) ? text : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new UserError(2, `${option} ${text}: write a day, 2026-11-01, or a time with its offset, 2026-11-01T06:00:00Z`);
}
