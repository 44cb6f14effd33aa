/** The three ways in which services count, each as a small program with a clock of its own. */

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When there will be more, in milliseconds of the simulation. */
  readonly resetAt: number;
}

export interface Limiter {
  /** Changed while it runs: the service's operator does so. */
  limit: number;
  take(now: number): Verdict;
}

/** Counts from one fixed moment to the next. */
export function fixedWindow(limit: number, windowMs = 60_000, phaseMs = 0): Limiter {
  let [index, used] = [Number.NaN, 0];
  return {
    limit,
    take(now) {
      const current = Math.floor((now - phaseMs) / windowMs);
      if (current !== index) [index, used] = [current, 0];
      const allowed = used < this.limit;
      if (allowed) used += 1;
      return {
        allowed,
        limit: this.limit,
        remaining: Math.max(this.limit - used, 0),
        resetAt: phaseMs + (current + 1) * windowMs,
      };
    },
  };
}

/** Counts what was in the window that ends now. */
export function slidingLog(limit: number, windowMs = 60_000): Limiter {
  let log: number[] = [];
  return {
    limit,
    take(now) {
      log = log.filter((at) => at > now - windowMs);
      const allowed = log.length < this.limit;
      if (allowed) log.push(now);
      const over = log.length - this.limit;
      return {
        allowed,
        limit: this.limit,
        remaining: Math.max(-over, 0),
        resetAt: (log[Math.max(over, 0)] ?? now) + windowMs,
      };
    },
  };
}

/** Fills up evenly, to a brim that may be lower than the limit. */
export function tokenBucket(limit: number, windowMs = 60_000, brim = limit): Limiter {
  let [tokens, filledAt] = [brim, 0];
  return {
    limit,
    take(now) {
      const rate = this.limit / windowMs;
      tokens = Math.min(brim, tokens + (now - filledAt) * rate);
      filledAt = now;
      const allowed = tokens >= 1;
      if (allowed) tokens -= 1;
      return {
        allowed,
        limit: this.limit,
        remaining: Math.floor(tokens),
        resetAt: now + Math.max(1 - tokens, 0) / rate,
      };
    },
  };
}
