import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { StagedEntry } from '../../src/staging/staging.js';
import { tidyNowAndThen } from '../../src/worker/tidy-now-and-then.js';

const HOUR_MS = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A place with one old run. */
function openPlace(isNeeded: () => Promise<boolean>) {
  const told: [level: string, message: string, meta: object | undefined][] = [];
  const tell = (level: string) => (message: string, meta?: object) => void told.push([level, message, meta]);
  const logger = { debug: tell('debug'), info: tell('info'), warn: tell('warn') };
  let isThere = true;
  const entry: StagedEntry = {
    name: 'e1/export.json',
    changedAt: new Date(Date.now() - 24 * HOUR_MS),
    isFinished: true,
    remove: async () => void (isThere = false),
  };
  async function* list(): AsyncGenerator<StagedEntry> {
    if (isThere) yield entry;
  }
  return { told, tidying: tidyNowAndThen({ staging: { list }, keepMs: 23 * HOUR_MS, isNeeded, logger }) };
}

it('staging is tidied soon after the start, then about hourly, and what went is told in one line', async () => {
  const { told, tidying } = openPlace(async () => false);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(told).toEqual([['info', 'staging tidied', { removed: 1, needed: 0, unfinished: 0 }]]);
  await vi.advanceTimersByTimeAsync(10 * HOUR_MS);
  expect(told.length).toBeGreaterThanOrEqual(9);
  expect(told.length).toBeLessThanOrEqual(15);
  expect(told.slice(1).every(([level]) => level === 'debug')).toBe(true);
  await tidying.stop();
  const { length } = told;
  await vi.advanceTimersByTimeAsync(10 * HOUR_MS);
  expect(told).toHaveLength(length);
});

it('a round that fails is told, and the next one comes', async () => {
  let isAway = true;
  const { told, tidying } = openPlace(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(false)));
  await vi.advanceTimersByTimeAsync(400_000);
  expect(told).toMatchObject([
    ['warn', expect.stringContaining('tried again in an hour'), { error: { message: 'away' } }],
  ]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(1.5 * HOUR_MS);
  expect(told[1]).toMatchObject(['info', 'staging tidied', { removed: 1 }]);
  await tidying.stop();
});

it('stopping waits for what is under way', async () => {
  let release: (isNeeded: boolean) => void = () => undefined;
  const asked = new Promise<boolean>((resolve) => (release = resolve));
  const { told, tidying } = openPlace(() => asked);
  await vi.advanceTimersByTimeAsync(400_000);
  let isStopped = false;
  const stopping = tidying.stop().then(() => (isStopped = true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isStopped).toBe(false);
  release(true);
  await stopping;
  expect(told).toEqual([['debug', 'staging tidied', { removed: 0, needed: 1, unfinished: 0 }]]);
});
