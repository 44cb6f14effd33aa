import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/emulator/rate-limit.js';

describe('the rate limit', () => {
  it('counts down within a minute, refuses, and says when the next minute opens', () => {
    const limit = createRateLimit(2);
    expect(limit.take(10_500)).toEqual({ allowed: true, limit: 2, remaining: 1, resetAt: 71 });
    expect(limit.take(20_000)).toEqual({ allowed: true, limit: 2, remaining: 0, resetAt: 71 });
    expect(limit.take(70_499)).toEqual({ allowed: false, limit: 2, remaining: 0, resetAt: 71 });
    expect(limit.take(70_500)).toEqual({ allowed: true, limit: 2, remaining: 1, resetAt: 131 });
  });

  it('lets everything through without a word when it is off', () => {
    expect(createRateLimit(0).take(1)).toBeUndefined();
  });
});
