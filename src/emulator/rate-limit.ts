import { checked } from './checked.js';
import {
  changeRateLimit,
  DEFAULT_RATE_LIMIT,
  rateLimitSchema,
  type RateLimitChanges,
  type RateLimitSettings,
} from './rate-limit-settings.js';
import { createWindow, type Count } from './request-windows.js';

const FAR_SECONDS = String(Date.UTC(2099, 0, 1) / 1000);

/** What the limit says to one request. */
export interface Verdict {
  readonly allowed: boolean;
  /** Of the answer. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RateLimit {
  settings(): RateLimitSettings;
  /** Asks for one request at `now`, Unix milliseconds by the service's clock. */
  take(now: number): Verdict;
  /** From now on, and counting begins anew; what is left out stays as it is. @throws Error that names every wrong key */
  change(changes: RateLimitChanges): void;
}

/** @throws Error that names every wrong key */
export function createRateLimit(changes: RateLimitChanges): RateLimit {
  let settings = changed(DEFAULT_RATE_LIMIT, changes);
  let window = createWindow(settings);

  return {
    settings: () => settings,
    take(now) {
      if (settings.limit === 0) return { allowed: true, headers: {} };
      const count = window(now);
      return { allowed: count.allowed, headers: settings.headers ? headersOf(settings, count) : {} };
    },
    change(changes) {
      settings = changed(settings, changes);
      window = createWindow(settings);
    },
  };
}

function changed(settings: RateLimitSettings, changes: RateLimitChanges): RateLimitSettings {
  return changeRateLimit(settings, checked(rateLimitSchema, changes, 'rateLimit'));
}

function headersOf(settings: RateLimitSettings, { allowed, remaining, roomAt }: Count): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(settings.limit),
    'X-RateLimit-Remaining': String(remaining),
    ...(allowed ? {} : { 'X-RateLimit-Reset': resetText(settings, roomAt) }),
  };
}

/** `X-RateLimit-Reset`, rounded up: a client that waits for that second finds room. */
export function resetText({ reset }: RateLimitSettings, roomAt: number): string {
  if (reset === 'far') return FAR_SECONDS;
  return String(reset === 'milliseconds' ? Math.ceil(roomAt) : Math.ceil(roomAt / 1000));
}
