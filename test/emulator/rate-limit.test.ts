import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/emulator/rate-limit.js';
import type { RateLimitChanges } from '../../src/emulator/rate-limit-settings.js';

/** What is said to requests at these seconds: how many remain, or when the refused one may come again. */
function answers(settings: RateLimitChanges, seconds: readonly number[]): string[] {
  const limit = createRateLimit(settings);
  return seconds.map((at) => {
    const { allowed, headers } = limit.take(at * 1000);
    const reset = headers['X-RateLimit-Reset'];
    expect(reset === undefined).toBe(allowed);
    return allowed ? `${headers['X-RateLimit-Remaining']} left` : `at ${reset}`;
  });
}

describe('the rate limit', () => {
  it('of fixed windows turns with the clock', () => {
    const at = [119.9, 119.9, 119.95, 120, 120.1, 179.9, 180];
    expect(answers({ limit: 2 }, at)).toEqual(['1 left', '0 left', 'at 120', '1 left', '0 left', 'at 180', '1 left']);
  });

  it('of a sliding window waits for the oldest request to leave it', () => {
    const at = [100, 130.5, 131, 159.9, 160, 161, 190.4, 190.5];
    const said = ['1 left', '0 left', 'at 160', 'at 160', '0 left', 'at 191', 'at 191', '0 left'];
    expect(answers({ limit: 2, window: 'sliding' }, at)).toEqual(said);
  });

  it('of a bucket takes a burst, and then what drips in', () => {
    const settings = { limit: 60, window: 'bucket', burst: 3 } as const;
    const at = [10, 10, 10, 10.4, 11, 11.5, 12, 100];
    const said = ['2 left', '1 left', '0 left', 'at 11', '0 left', 'at 12', '0 left', '2 left'];
    expect(answers(settings, at)).toEqual(said);
    expect(answers({ limit: 60, window: 'bucket' }, [10])).toEqual(['59 left']);
  });

  it('holds a client that never waits to what each kind of window lets through', () => {
    const hammered = (window: 'fixed' | 'sliding' | 'bucket', countRefused: boolean): number => {
      const limit = createRateLimit({ limit: 10, windowSeconds: 1, window, burst: 4, countRefused });
      // Twenty times as fast as it may, for ten seconds.
      return Array.from({ length: 2000 }, (_, n) => limit.take(n * 5).allowed).filter(Boolean).length;
    };
    expect([hammered('fixed', false), hammered('sliding', false), hammered('bucket', false)]).toEqual([100, 100, 103]);
    // Where refusals count, only windows that turn let it in again.
    expect([hammered('fixed', true), hammered('sliding', true), hammered('bucket', true)]).toEqual([100, 10, 4]);
  });

  it('counts what it refuses where it is told to, and says how much longer that takes', () => {
    const settings = { limit: 2, window: 'sliding', countRefused: true } as const;
    expect(answers(settings, [100, 101, 110, 120, 171, 181])).toEqual([
      '1 left',
      '0 left',
      'at 161',
      'at 170',
      '0 left',
      '0 left',
    ]);
  });

  it('says nothing of itself where it is told to', () => {
    const limit = createRateLimit({ limit: 1, headers: false });
    expect(limit.take(0)).toEqual({ allowed: true, headers: {} });
    expect(limit.take(1)).toEqual({ allowed: false, headers: {} });
  });

  it.each([
    ['seconds', '120'],
    ['milliseconds', '120000'],
    ['far', '4070908800'],
  ] as const)('says when there is room in %s', (reset, text) => {
    const limit = createRateLimit({ limit: 1, reset });
    limit.take(119_000);
    expect(limit.take(119_001).headers['X-RateLimit-Reset']).toBe(text);
  });

  it('lets everything through without a word when it is off', () => {
    expect(createRateLimit({ limit: 0 }).take(1)).toEqual({ allowed: true, headers: {} });
  });

  it('changes what it is told to, and begins to count anew', () => {
    const limit = createRateLimit({ limit: 1, windowSeconds: 10, window: 'sliding' });
    limit.take(1000);
    limit.change({ limit: 2 });
    expect(limit.settings()).toMatchObject({ limit: 2, windowSeconds: 10, window: 'sliding' });
    expect(limit.take(1001).headers['X-RateLimit-Remaining']).toBe('1');
  });

  it.each([
    [{ limit: -1 }, 'rateLimit: limit: Too small'],
    [{ windowSeconds: 0 }, 'rateLimit: windowSeconds: Too small'],
    [{ window: 'leaky' }, 'rateLimit: window: Invalid option'],
    [{ perMinute: 1 }, 'rateLimit: Unrecognized key: "perMinute"'],
  ])('refuses the settings %j', (settings, message) => {
    expect(() => createRateLimit(settings as never)).toThrow(message);
  });
});
