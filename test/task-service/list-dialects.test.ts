import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/emulator/scenario.js';
import { openWatcher, type WatcherPlace } from './open-watcher.js';

/** What the vendor leaves open about the list of executions, and what may go wrong with it. */
const DIALECTS: readonly (readonly [string, Scenario])[] = [
  ['is refused', { faults: [{ route: 'GET /executions', status: 400 }] }],
  ['is missing', { faults: [{ route: 'GET /executions', status: 501 }] }],
  ['lags behind', { listLagSeconds: 2 }],
  ['has no times', { timestamps: false }],
  ['has no time of change', { hidden: ['updated_at'] }],
  ['has no time of creation', { hidden: ['created_at'] }],
  ['does not name the task', { hidden: ['task_id'] }],
  ['is a bare array', { lists: { shape: 'array' } }],
  ['stands in an object', { lists: { shape: 'items' } }],
  ['has its total beside it', { lists: { shape: 'meta' } }],
  ['has small pages', { lists: { largestPage: 7 } }],
  ['takes no parameters', { lists: { parameters: 'refused' } }],
  ['ignores its parameters', { lists: { parameters: 'ignored', defaultPage: 10 } }],
  ['ignores where to begin', { lists: { parameters: { offset: 'ignored' }, largestPage: 10 } }],
  ['refuses where to begin', { lists: { parameters: { offset: 'refused' }, largestPage: 10 } }],
  ['refuses a page size', { lists: { parameters: { limit: 'refused' }, defaultPage: 10 } }],
  ['refuses to be sorted', { lists: { parameters: { sort: 'refused' } } }],
  ['is not sorted as asked', { lists: { parameters: { sort: 'ignored' }, largestPage: 7 } }],
  ['begins with the oldest', { lists: { parameters: { sort: 'ignored' }, order: 'oldest', largestPage: 7 } }],
  ['is in no order', { lists: { parameters: { sort: 'ignored' }, order: 'shuffled', largestPage: 7 } }],
  ['comes from a clock that is ahead', { clockSkewSeconds: 300 }],
  ['comes from a clock that is behind', { clockSkewSeconds: -300 }],
];

const ALL_SEEN = { completed: 20, limited: 0 };

describe.each([
  ['tells what is left of its limit', true],
  ['tells nothing of its limit', false],
])('of a service that %s', (_, headers) => {
  async function seen(scenario: Scenario, alsoStartOthers = false): Promise<typeof ALL_SEEN> {
    const place = await openWatcher({ seconds: [0.2, 1.5], ...scenario }, { limit: 240, headers });
    const others = new AbortController();
    try {
      // Older ones that nobody waits for are in the way.
      await start(10, place);
      const ids = await start(20, place);
      const ends = Promise.all(ids.map(async (id) => place.watch(id)));
      const starting = alsoStartOthers ? startUntil(others.signal, place) : undefined;
      const ended = await ends;
      others.abort();
      await starting;
      const completed = ended.filter(({ id, status }, index) => id === ids[index] && status === 'completed').length;
      return { completed, limited: place.emulator.ledger().limited };
    } finally {
      await place.close();
    }
  }

  describe.concurrent('every execution is seen to end', () => {
    it.each(DIALECTS)('where the list %s', async (__, scenario) => {
      expect(await seen(scenario)).toEqual(ALL_SEEN);
    });
    it('where the list moves on while it is read', async () => {
      expect(await seen({ lists: { largestPage: 7 } }, true)).toEqual(ALL_SEEN);
    });
  });
});

async function start(count: number, place: WatcherPlace): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async () => place.start()));
}

async function startUntil(signal: AbortSignal, place: WatcherPlace): Promise<void> {
  while (!signal.aborted) {
    await place.start();
    await sleep(50);
  }
}
