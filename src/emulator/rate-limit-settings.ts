import { z } from 'zod';

/** How requests are counted. The vendor says how many, and leaves all else open. */
export interface RateLimitSettings {
  /** Requests in a window; 0 = no limit, and no headers that speak of one. */
  readonly limit: number;
  readonly windowSeconds: number;
  /**
   * fixed: windows turn with the clock, so that twice the number can pass around a turn. sliding: never more in any span
   * of that length. bucket: as many at once as `burst`, which refills evenly.
   */
  readonly window: 'fixed' | 'sliding' | 'bucket';
  /** Of a bucket; default: `limit`. */
  readonly burst?: number;
  /** False: no `X-RateLimit-…` at all. */
  readonly headers: boolean;
  /** How `X-RateLimit-Reset` is written: Unix seconds or milliseconds; far is a day in the year 2099. */
  readonly reset: 'seconds' | 'milliseconds' | 'far';
  /** Whether a request that is refused with 429 counts as well. */
  readonly countRefused: boolean;
}

export const DEFAULT_RATE_LIMIT: RateLimitSettings = {
  limit: 120,
  windowSeconds: 60,
  window: 'fixed',
  headers: true,
  reset: 'seconds',
  countRefused: false,
};

export const rateLimitSchema = z
  .strictObject({
    limit: z.int().nonnegative(),
    windowSeconds: z.number().positive(),
    window: z.enum(['fixed', 'sliding', 'bucket']),
    burst: z.int().positive(),
    headers: z.boolean(),
    reset: z.enum(['seconds', 'milliseconds', 'far']),
    countRefused: z.boolean(),
  })
  .partial();

/** Settings to change; those that are left out stay. */
export type RateLimitChanges = z.infer<typeof rateLimitSchema>;

export function changeRateLimit(settings: RateLimitSettings, changes: RateLimitChanges): RateLimitSettings {
  const burst = changes.burst ?? settings.burst;
  return {
    limit: changes.limit ?? settings.limit,
    windowSeconds: changes.windowSeconds ?? settings.windowSeconds,
    window: changes.window ?? settings.window,
    ...(burst === undefined ? {} : { burst }),
    headers: changes.headers ?? settings.headers,
    reset: changes.reset ?? settings.reset,
    countRefused: changes.countRefused ?? settings.countRefused,
  };
}
