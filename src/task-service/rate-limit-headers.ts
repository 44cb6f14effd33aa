const LONGEST_SILENCE_MS = 15 * 60_000;

/**
 * How long the service wants silence: `Retry-After` (seconds or a date) if it is there, else until
 * `X-RateLimit-Reset` (Unix seconds). Measured against the answer's own `Date`, so that a wrong clock on this machine
 * does no harm, and never longer than a quarter of an hour.
 */
export function silenceAskedFor(headers: Headers, now: number): number | undefined {
  const serverNow = dateOf(headers.get('date')) ?? now;
  const retryAfter = headers.get('retry-after');
  if (retryAfter !== null) {
    const seconds = Number(retryAfter);
    const until = Number.isFinite(seconds) ? serverNow + seconds * 1000 : dateOf(retryAfter);
    if (until !== undefined) return clamp(until - serverNow);
  }
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  return Number.isFinite(reset) ? clamp(reset * 1000 - serverNow) : undefined;
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_SILENCE_MS);
}

function dateOf(text: string | null): number | undefined {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
