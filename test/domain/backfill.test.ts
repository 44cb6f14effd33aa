import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planBackfill } from '../../src/domain/backfill.js';

const HOUR = 3_600_000;
const hours = (...numbers: number[]): number[] => numbers.map((number) => number * HOUR);

describe('a backfill', () => {
  it('is one range of all times where nothing was started', () => {
    expect(planBackfill(0, hours(0, 1, 2), [], 0)).toEqual({
      chunks: [{ ranges: [{ start: 0, end: 2 * HOUR }], runs: 3 }],
      runs: 3,
      startedBefore: 0,
    });
  });

  it('leaves out times that have a run', () => {
    const plan = planBackfill(0, hours(0, 1, 2, 3, 4), hours(1, 3), 0);
    expect(plan).toMatchObject({ runs: 3, startedBefore: 2 });
    expect(plan.chunks.map(({ ranges }) => ranges)).toEqual([
      [
        { start: 0, end: 0 },
        { start: HOUR + 1, end: 2 * HOUR },
        { start: 3 * HOUR + 1, end: 4 * HOUR },
      ],
    ]);
  });

  it('knows a time by the one without its jitter, and takes no run that was triggered by hand for it', () => {
    const late = [20_000, HOUR + 5_000, 2 * HOUR + 29_000];
    expect(planBackfill(0, late, [0, 2 * HOUR], 30_000)).toMatchObject({ runs: 1, startedBefore: 2 });
    expect(planBackfill(0, late, [HOUR - 60_000, HOUR + 1_800_000], 30_000)).toMatchObject({ runs: 3 });
  });

  it('has nothing to do where all was started, or the schedule has no times', () => {
    expect(planBackfill(0, hours(1), hours(1), 0)).toEqual({ chunks: [], runs: 0, startedBefore: 1 });
    expect(planBackfill(0, [], [], 0)).toEqual({ chunks: [], runs: 0, startedBefore: 0 });
  });

  it('asks for every missing time exactly once, in order, and never for too many', () => {
    const schedule = fc.record({
      count: fc.integer({ min: 0, max: 60 }),
      started: fc.uniqueArray(fc.integer({ min: 0, max: 59 })),
      jitters: fc.array(fc.integer({ min: 0, max: 59_000 }), { minLength: 60, maxLength: 60 }),
      mostRuns: fc.integer({ min: 1, max: 20 }),
      mostRanges: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(schedule, ({ count, started, jitters, mostRuns, mostRanges }) => {
        const meant = Array.from({ length: count }, (_, index) => index * HOUR);
        const times = meant.map((time, index) => time + (jitters[index] ?? 0));
        const runs = started.filter((index) => index < count).map((index) => index * HOUR);
        const { chunks } = planBackfill(0, times, runs, 60_000, { mostRuns, mostRanges });
        // As the server reads a range: it begins with a time as it is meant, and ends with one as it fires.
        const asked = chunks.flatMap(({ ranges }) =>
          ranges.flatMap(({ start, end }) =>
            meant.filter((time, index) => time >= start && (times[index] ?? 0) <= end),
          ),
        );
        expect(asked).toEqual(meant.filter((time) => !runs.includes(time)));
        expect(chunks.every((chunk) => chunk.runs <= mostRuns && chunk.ranges.length <= mostRanges)).toBe(true);
      }),
    );
  });
});
