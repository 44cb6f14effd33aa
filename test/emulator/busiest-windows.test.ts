import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../src/emulator/rate-limit.js';
import { busiestWindows } from '../helpers/busiest-windows.js';

function requestsAt(times: readonly number[], admitted = true) {
  const rest = { method: 'GET', path: '/api/v1/tasks', route: 'GET /tasks', status: 200, admitted };
  return times.map((time) => ({ at: new Date(time).toISOString(), ...rest }));
}

describe('the busiest windows', () => {
  it.each([
    [[], { fixed: 0, sliding: 0 }],
    [[5], { fixed: 1, sliding: 1 }],
    [[900, 950, 1000, 1050, 1899, 1900], { fixed: 4, sliding: 5 }],
    [[0, 1000, 2000], { fixed: 1, sliding: 1 }],
    [[2500, 100, 900], { fixed: 2, sliding: 2 }],
  ])('of requests at %j are %j', (times, busiest) => {
    expect(busiestWindows(requestsAt(times), 1000)).toEqual(busiest);
  });

  it('leave out what the limit refused', () => {
    expect(busiestWindows([...requestsAt([1, 2]), ...requestsAt([3], false)], 1000).sliding).toBe(2);
  });

  it.each([
    ['fixed', { fixed: 10, sliding: 20 }],
    ['sliding', { fixed: 10, sliding: 10 }],
  ] as const)('show what a limit of kind %s lets through', (window, busiest) => {
    const limit = createRateLimit({ limit: 10, windowSeconds: 1, window });
    // Bursts around the turns of the clock.
    const times = Array.from({ length: 400 }, (_, n) => 950 + Math.floor(n / 20) * 1000 + (n % 20) * 5);
    expect(busiestWindows(requestsAt(times.filter((time) => limit.take(time).allowed)), 1000)).toEqual(busiest);
  });
});
