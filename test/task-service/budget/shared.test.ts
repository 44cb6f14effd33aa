import { describe, expect, it } from 'vitest';
import { evenly, mean, refusedFrom, takenPerWindow } from './counting.js';
import { fixedWindow, slidingLog, tokenBucket, type Limiter } from './limiters.js';
import { simulate, type Process, type Scene } from './simulation.js';

const WINDOW = 60_000;
const busy: Process = { limit: 120, traffic: 'endless' };

const KINDS: readonly [string, () => Limiter][] = [
  ['fixed windows', () => fixedWindow(120, WINDOW, 17_000)],
  ['a sliding log', () => slidingLog(120)],
  ['a bucket', () => tokenBucket(120)],
  ['a small bucket', () => tokenBucket(120, WINDOW, 10)],
];
/** Answers come late, and not in the order of their requests. */
const slow: NonNullable<Scene['latency']> = (random) => [random() * 400, random() * 4000];

describe.each(KINDS)('with strangers on the account, and %s', (_, limiter) => {
  it.each([1, 2, 3])('leaves them what they use evenly, and takes nine tenths of the rest (seed %d)', (seed) => {
    const strangers = evenly(60, 0, 14);
    const { requests } = simulate({ limiter: limiter(), processes: [busy], strangers, until: 14 * WINDOW, seed });
    const ours = takenPerWindow(requests, 0, 2, 14);
    expect(refusedFrom(requests, 2)).toBe(0);
    expect(mean(ours)).toBeGreaterThanOrEqual(54);
    expect(Math.min(...ours)).toBeGreaterThanOrEqual(52);
    expect(Math.min(...takenPerWindow(requests, -1, 3, 14))).toBeGreaterThanOrEqual(59);
  });

  it('does so when answers are late and out of order', () => {
    const strangers = evenly(60, 0, 14);
    const { requests } = simulate({
      limiter: limiter(),
      processes: [busy],
      strangers,
      until: 14 * WINDOW,
      latency: slow,
    });
    expect(refusedFrom(requests, 4)).toBe(0);
    expect(mean(takenPerWindow(requests, 0, 3, 14))).toBeGreaterThanOrEqual(52);
  });

  it('takes the room back within two windows when they stop', () => {
    const strangers = evenly(60, 4, 8);
    const { requests } = simulate({ limiter: limiter(), processes: [busy], strangers, until: 14 * WINDOW });
    expect(Math.min(...takenPerWindow(requests, 0, 10, 14))).toBeGreaterThanOrEqual(111);
    expect(refusedFrom(requests, 6)).toBe(0);
  });

  it('lives with those who burst now and then', () => {
    const bursts = [3, 5, 7, 9].flatMap((window) =>
      Array.from({ length: 20 }, (_, index) => window * WINDOW + 8000 + index * 50),
    );
    const { requests } = simulate({ limiter: limiter(), processes: [busy], strangers: bursts, until: 12 * WINDOW });
    // Nobody sees twenty requests of one second come.
    expect(refusedFrom(requests, 0)).toBeLessThanOrEqual(2 * 4);
    expect(mean(takenPerWindow(requests, 0, 2, 12))).toBeGreaterThanOrEqual(0.9 * (120 - 8));
  });

  it('comes through a storm of theirs', () => {
    const strangers = evenly(600, 2, 4);
    const { requests } = simulate({ limiter: limiter(), processes: [busy], strangers, until: 12 * WINDOW });
    expect(refusedFrom(requests, 0)).toBeLessThanOrEqual(20);
    expect(refusedFrom(requests, 6)).toBe(0);
    expect(Math.min(...takenPerWindow(requests, 0, 7, 12))).toBeGreaterThanOrEqual(111);
  });
});

describe.each(KINDS)('several processes that know nothing of each other, and %s', (_, limiter) => {
  const run = (count: number, seed: number): ReturnType<typeof simulate>['requests'] =>
    simulate({ limiter: limiter(), processes: Array.from({ length: count }, () => busy), until: 18 * WINDOW, seed })
      .requests;

  it.each([
    [2, 1],
    [2, 2],
    [3, 1],
    [3, 2],
    [5, 1],
    [5, 2],
  ])('share the limit evenly and steadily: %d (seed %d)', (count, seed) => {
    const requests = run(count, seed);
    const each = Array.from({ length: count }, (_, by) => takenPerWindow(requests, by, 3, 18));
    const all = each[0]?.map((_, window) => each.reduce((sum, taken) => sum + (taken[window] ?? 0), 0)) ?? [];
    // At the start all see the whole limit.
    expect(refusedFrom(requests, 0, 3)).toBeLessThanOrEqual(count * 5);
    expect(refusedFrom(requests, 3)).toBeLessThanOrEqual(count < 5 ? 0 : 2);
    expect(mean(all)).toBeGreaterThanOrEqual(0.94 * 120);
    expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(0.09 * 120);
    for (const taken of each) expect(mean(taken)).toBeGreaterThanOrEqual(0.75 * (mean(all) / count));
  });

  it.each([
    [2, undefined],
    [3, undefined],
    [2, slow],
    [3, slow],
  ])("come through a rush of somebody's: %d (answers late: %s)", (count, latency) => {
    const strangers = Array.from({ length: 25 }, (__, index) => 5 * WINDOW + index * 20);
    const processes = Array.from({ length: count }, () => busy);
    const scene: Scene = { limiter: limiter(), processes, strangers, until: 16 * WINDOW };
    const { requests } = simulate(latency ? { ...scene, latency } : scene);
    expect(refusedFrom(requests, 0, 8)).toBeLessThanOrEqual(10);
    expect(refusedFrom(requests, 8)).toBe(0);
  });

  it('let in one that comes later', () => {
    const late: Process = { ...busy, from: 3.4 * WINDOW };
    const { requests } = simulate({ limiter: limiter(), processes: [busy, late], until: 16 * WINDOW });
    expect(mean(takenPerWindow(requests, 1, 5, 8))).toBeGreaterThanOrEqual(20);
    expect(mean(takenPerWindow(requests, 1, 12, 16))).toBeGreaterThanOrEqual(42);
    expect(refusedFrom(requests, 0)).toBeLessThanOrEqual(16);
  });

  it('are taken over from when one stops', () => {
    const short: Process = { ...busy, to: 6 * WINDOW };
    const { requests } = simulate({ limiter: limiter(), processes: [busy, short], until: 12 * WINDOW });
    expect(Math.min(...takenPerWindow(requests, 0, 9, 12))).toBeGreaterThanOrEqual(111);
  });
});
