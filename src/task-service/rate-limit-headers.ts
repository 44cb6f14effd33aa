/** How long the service wants silence. */
export interface AskedSilence {
  readonly ms: number;
  /** Whether the service gave a number of seconds, which no wrong clock can have made long. */
  readonly isCounted: boolean;
}

/** Longest wait before the service is asked again. */
const LONGEST_SILENCE_MS = 15 * 60_000;
/** A reset is at most that far away: what says otherwise comes from a clock that is wrong. */
const WINDOW_MS = 60_000;
/** Longest silence that is believed to be a number of seconds; a larger one has another unit, or is a mistake. */
const LONGEST_COUNTED_MS = 60 * 60_000;
/** A smaller number is no moment since 1970: it counts seconds from now. */
const FIRST_MOMENT = 1e8;

/**
 * Reads how long the service wants silence: `Retry-After` (seconds or a date) if it says something, else until
 * `X-RateLimit-Reset` (Unix seconds; milliseconds, finer units, seconds from now and dates are understood too). Moments
 * are measured against the answer's own `Date`, so that a wrong clock on this machine does no harm.
 */
export function readSilence(headers: Headers, now: number): AskedSilence | undefined {
  const serverNow = dateOf(headers.get('date')) ?? now;
  const after = readWait(headers.get('retry-after'), serverNow);
  const reset = after ?? readWait(headers.get('x-ratelimit-reset'), serverNow);
  // The unit of a reset is a guess.
  return reset && { ms: Math.min(reset.ms, LONGEST_SILENCE_MS), isCounted: after?.isCounted === true };
}

/** Returns how long to wait for the next attempt; undefined where nothing is asked for that could be believed. */
export function silenceAskedFor(headers: Headers, now: number): number | undefined {
  const asked = readSilence(headers, now);
  if (asked === undefined || asked.ms === 0) return undefined;
  return asked.isCounted ? asked.ms : Math.min(asked.ms, WINDOW_MS);
}

function readWait(text: string | null, serverNow: number): AskedSilence | undefined {
  if (text === null) return undefined;
  // A header that was sent twice reads `30, 30`.
  const digits = /^\s*(\d+(?:\.\d+)?)\s*(?:$|[,;s])/u.exec(text)?.[1];
  const moment = digits === undefined ? dateOf(text) : momentOf(Number(digits));
  if (moment !== undefined) return { ms: Math.max(moment - serverNow, 0), isCounted: false };
  if (digits === undefined) return undefined;
  const ms = Number(digits) * 1_000;
  return { ms, isCounted: ms <= LONGEST_COUNTED_MS };
}

/** Returns Unix milliseconds, whatever unit since 1970 the number counts; undefined if it is none. */
function momentOf(count: number): number | undefined {
  if (count < FIRST_MOMENT) return undefined;
  if (count < 1e11) return count * 1_000;
  if (count < 1e14) return count;
  return count < 1e17 ? count / 1e3 : count / 1e6;
}

/** A negative number would be read as a year. */
function dateOf(text: string | null): number | undefined {
  const time = text === null || !/[a-z]{3}|\d{4}-\d{2}/iu.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
