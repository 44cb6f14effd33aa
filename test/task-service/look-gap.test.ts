import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapAfter } from '../../src/task-service/watcher/look-gap.js';

const LIMITS = { shortestMs: 1_500, longestMs: 300_000 };
const MINUTE = 60_000;

/** Ages at which an execution is looked at until it is seen to have ended. */
function looks(durationMs: number, usualMs: readonly number[] = []): number[] {
  const ages: number[] = [];
  for (let age = LIMITS.shortestMs; ; age += gapAfter(age, usualMs, LIMITS)) {
    ages.push(age);
    if (age >= durationMs) return ages;
  }
}

describe('the gap between two looks', () => {
  it('makes a crawl of two hours cost at most 60 looks', () => {
    expect(looks(120 * MINUTE).length).toBeLessThanOrEqual(60);
    expect(looks(120 * MINUTE, [120 * MINUTE]).length).toBeLessThanOrEqual(60);
  });

  it('lets a search of five seconds be noticed within three', () => {
    for (const usual of [[], [5_000], [120 * MINUTE], [5_000, 120 * MINUTE]]) {
      expect((looks(5_000, usual).at(-1) ?? Infinity) - 5_000).toBeLessThanOrEqual(3_000);
    }
  });

  it('closes in on how long others took', () => {
    const noticedAt = looks(20 * MINUTE, [20 * MINUTE]).at(-1) ?? Infinity;
    expect(noticedAt - 20 * MINUTE).toBeLessThanOrEqual(0.03 * 20 * MINUTE);
  });

  it('is never longer than half the age, or the longest, nor shorter than the shortest', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 1e8 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e8 }), durations, (age, usual) => {
        const gap = gapAfter(age, usual, LIMITS);
        return gap >= LIMITS.shortestMs && gap <= Math.max(LIMITS.shortestMs, Math.min(age / 2, LIMITS.longestMs));
      }),
    );
  });
});
