/** What the limit says to one request; `resetAt` in Unix seconds, as the API's header has it. */
export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: number;
}

export interface RateLimit {
  /** Asks for one request at `now` (Unix milliseconds); undefined = there is no limit. A refused request costs nothing. */
  take(now: number): Verdict | undefined;
}

const WINDOW_MS = 60_000;

/** A fixed window: it opens with the first request after the last one closed, and lasts a minute. 0 = no limit. */
export function createRateLimit(perMinute: number): RateLimit {
  let openedAt = -Infinity;
  let used = 0;

  return {
    take(now) {
      if (perMinute === 0) return undefined;
      if (now >= openedAt + WINDOW_MS) {
        openedAt = now;
        used = 0;
      }
      const allowed = used < perMinute;
      if (allowed) used += 1;
      // Rounded up: who waits for that second finds the window open.
      const resetAt = Math.ceil((openedAt + WINDOW_MS) / 1000);
      return { allowed, limit: perMinute, remaining: perMinute - used, resetAt };
    },
  };
}
