import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES } from '../../../src/task-service/budget/lanes.js';
import { mostInAnyWindow } from './counting.js';
import { fixedWindow, slidingLog, tokenBucket, type Limiter } from './limiters.js';
import { simulate, type Arrival, type Scene } from './simulation.js';

const WINDOW = 60_000;

const limit = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constant(120), fc.integer({ min: 1, max: 10 }));
const limiterOf = fc.constantFrom<(limit: number, phase: number) => Limiter>(
  (most, phase) => fixedWindow(most, WINDOW, phase),
  (most) => slidingLog(most),
  (most) => tokenBucket(most),
);
/** Requests come in rushes, with pauses between them; some give up waiting. */
const traffic = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 4 * WINDOW }),
      count: fc.integer({ min: 1, max: 80 }),
      lane: fc.constantFrom(...LANES),
      patience: fc.option(fc.integer({ min: 0, max: WINDOW }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 15 },
  )
  .map((rushes) =>
    rushes.flatMap(({ at, count, lane, patience }) =>
      Array.from({ length: count }, (_, index): Arrival => {
        const arrival = { at: at + index, lane };
        return patience === undefined || index % 2 === 0 ? arrival : { ...arrival, abortAt: at + index + patience };
      }),
    ),
  );
/** As long as the way there may take, and an answer that may take much longer. */
const latency = fc.record({ there: fc.integer({ min: 0, max: 1000 }), back: fc.integer({ min: 0, max: 20_000 }) });

describe('one process, alone on its account', () => {
  it('is never over the limit, in no window, whatever is asked for', () => {
    fc.assert(
      fc.property(
        limit,
        limiterOf,
        fc.nat(WINDOW),
        traffic,
        latency,
        fc.nat(),
        (most, of, phase, arrivals, way, seed) => {
          const { requests } = simulate({
            limiter: of(most, phase),
            processes: [{ limit: most, traffic: arrivals }],
            until: 6 * WINDOW,
            seed,
            latency: (random) => [random() * way.there, random() * way.back],
          });
          expect(requests.filter(({ refused }) => refused)).toEqual([]);
          expect(mostInAnyWindow(requests, WINDOW)).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('sends what is urgent within two seconds, though thousands wait', () => {
    const load = LANES.filter((lane) => lane !== 'control').flatMap((lane) =>
      Array.from({ length: 500 }, (_, index): Arrival => ({ at: index, lane })),
    );
    const urgent = Array.from({ length: 40 }, (_, index): Arrival => ({ at: 10_000 + index * 6_789, lane: 'control' }));
    const { requests } = simulate({
      limiter: slidingLog(120),
      processes: [{ limit: 120, traffic: [...load, ...urgent] }],
      until: 6 * WINDOW,
    });
    const waits = requests.filter(({ lane }) => lane === 'control').map(({ sentAt, askedAt }) => sentAt - askedAt);
    expect(waits).toHaveLength(urgent.length);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2_000);
    expect(requests.filter(({ refused }) => refused)).toEqual([]);
  });

  it('starves nobody, though something is always urgent', () => {
    const { requests } = simulate({
      limiter: slidingLog(120),
      processes: [{ limit: 120, traffic: 'endless' }],
      until: 6 * WINDOW,
    });
    for (const lane of LANES) expect(requests.filter((request) => request.lane === lane).length).toBeGreaterThan(10);
  });

  it('keeps the order inside a lane', () => {
    fc.assert(
      fc.property(traffic, (arrivals) => {
        const { requests } = simulate({
          limiter: slidingLog(120),
          processes: [{ limit: 120, traffic: arrivals }],
          until: 6 * WINDOW,
        });
        for (const lane of LANES) {
          const own = requests
            .filter((request) => request.lane === lane)
            .toSorted((a, b) => a.sentAt - b.sentAt || a.askedAt - b.askedAt);
          expect(own.map(({ askedAt }) => askedAt)).toEqual(
            own.map(({ askedAt }) => askedAt).toSorted((a, b) => a - b),
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('uses 96 % of the limit while there is enough to do, however slow the answers are', () => {
    fc.assert(
      fc.property(limit, limiterOf, fc.nat(WINDOW), latency, (most, of, phase, way) => {
        const windows = 12;
        const { requests } = simulate({
          limiter: of(most, phase),
          processes: [{ limit: most, traffic: 'endless' }],
          until: windows * WINDOW,
          latency: (random) => [random() * way.there, random() * way.back],
        });
        expect(requests.length).toBeGreaterThanOrEqual(Math.floor(0.96 * most * windows));
        expect(requests.filter(({ refused }) => refused)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('does not burst after a pause: two go at once, the others at their pace', () => {
    const rush = Array.from({ length: 50 }, (): Arrival => ({ at: 5 * WINDOW, lane: 'submit' }));
    const scene: Scene = {
      limiter: fixedWindow(120),
      processes: [{ limit: 120, traffic: [{ at: 0, lane: 'poll' }, ...rush] }],
      until: 6 * WINDOW,
    };
    const sent = simulate(scene).requests.map(({ sentAt }) => sentAt - 5 * WINDOW);
    expect(sent.filter((at) => at === 0)).toHaveLength(2);
    expect(sent.filter((at) => at >= 0 && at < 10_000).length).toBeLessThanOrEqual(22);
  });

  it.each([10, 30])('needs no bucket larger than %d', (brim) => {
    const { requests } = simulate({
      limiter: tokenBucket(120, WINDOW, brim),
      processes: [{ limit: 120, traffic: 'endless' }],
      until: 12 * WINDOW,
    });
    expect(requests.filter(({ refused }) => refused)).toEqual([]);
    expect(requests.filter(({ at }) => at >= 2 * WINDOW).length).toBeGreaterThanOrEqual(0.97 * 120 * 10);
  });

  it('works the same in a shorter window', () => {
    const { requests } = simulate({
      limiter: slidingLog(120, 6000),
      processes: [{ limit: 120, traffic: 'endless' }],
      windowMs: 6000,
      until: 60_000,
    });
    expect(mostInAnyWindow(requests, 6000)).toBeLessThanOrEqual(120);
    expect(requests.length).toBeGreaterThanOrEqual(0.97 * 1200);
  });
});
