import type { RateLimitSettings } from './rate-limit-settings.js';

/** What a window says to one request. */
export interface Count {
  readonly allowed: boolean;
  readonly remaining: number;
  /** From when on there is room for a request, Unix milliseconds. */
  readonly roomAt: number;
}

/** Counts one request that comes at a time, Unix milliseconds. */
type Take = (now: number) => Count;

type Kind = RateLimitSettings['window'];

/** A further kind needs its name in the settings and its way to count here. */
const KINDS: Readonly<Record<Kind, (settings: RateLimitSettings) => Take>> = { fixed, sliding, bucket };

export function createWindow(settings: RateLimitSettings): Take {
  return KINDS[settings.window](settings);
}

function fixed({ limit, windowSeconds, countRefused }: RateLimitSettings): Take {
  const lengthMs = windowSeconds * 1000;
  let current = -Infinity;
  let used = 0;
  return (now) => {
    const window = Math.floor(now / lengthMs);
    if (window !== current) used = 0;
    current = window;
    const allowed = used < limit;
    if (allowed || countRefused) used += 1;
    return { allowed, remaining: Math.max(0, limit - used), roomAt: (window + 1) * lengthMs };
  };
}

function sliding({ limit, windowSeconds, countRefused }: RateLimitSettings): Take {
  const lengthMs = windowSeconds * 1000;
  let counted: number[] = [];
  return (now) => {
    counted = counted.filter((at) => at > now - lengthMs);
    const allowed = counted.length < limit;
    if (allowed || countRefused) counted.push(now);
    const lastInTheWay = counted.at(-limit) ?? now;
    return { allowed, remaining: Math.max(0, limit - counted.length), roomAt: lastInTheWay + lengthMs };
  };
}

function bucket({ limit, windowSeconds, burst = limit, countRefused }: RateLimitSettings): Take {
  const perMs = limit / (windowSeconds * 1000);
  let level = burst;
  let filledAt: number | undefined;
  return (now) => {
    level = Math.min(burst, level + Math.max(0, now - (filledAt ?? now)) * perMs);
    filledAt = now;
    // Shares of a millisecond add up to a little less than one.
    const allowed = level > 1 - 1e-6;
    if (allowed) level = Math.max(0, level - 1);
    // It takes what has come in since the last one.
    else if (countRefused) level = 0;
    return { allowed, remaining: Math.floor(level), roomAt: now + Math.max(0, 1 - level) / perMs };
  };
}
