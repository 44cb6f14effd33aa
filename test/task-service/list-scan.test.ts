import { afterEach, describe, expect, it } from 'vitest';
import { createListScan } from '../../src/task-service/watcher/list-scan.js';
import type { Execution } from '../../src/task-service/wire.js';
import { openWatcher, SPEED, type WatcherPlace } from './open-watcher.js';

const places: WatcherPlace[] = [];

afterEach(async () => {
  await Promise.all(places.splice(0).map(async (place) => place.close()));
});

/** A list in which what changed last stands first, and an execution that has long been running. */
async function open() {
  const place = await openWatcher({ seconds: 600 });
  places.push(place);
  const running = await place.start();
  place.emulator.setScenario({ seconds: [1.2, 5] });
  for (let index = 0; index < 120; index++) await place.start();
  const list = createListScan(place.service, SPEED);
  let shown: readonly Execution[] = [];
  return {
    ...place,
    list,
    running,
    shown: () => shown,
    async scan() {
      shown = [];
      return list.scan(
        { ids: new Set([running]), oldest: undefined },
        { signal: place.controller.signal, lane: 'poll', onSeen: (executions) => (shown = [...shown, ...executions]) },
      );
    },
  };
}

async function pass(ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, ms));
}

describe('a scan of the list', () => {
  it('stops where nothing has changed since the last one, and trusts it until that is refuted', async () => {
    const { list, running, scan, shown, start } = await open();
    await pass(6_000);
    await scan();
    const assumed = shown().find(({ id }) => id === running);
    if (!assumed) throw new Error('not shown');
    await start();
    expect(await scan()).toMatchObject({ othersAreUnchanged: true });
    expect(list.cost()).toBe(1);
    expect(shown().map(({ id }) => id)).not.toContain(running);

    list.verify(assumed, assumed);
    expect(await scan()).toMatchObject({ othersAreUnchanged: true });
    // It has ended, and its time of change is what it was: then the list cannot be trusted to show a change.
    list.verify(assumed, { ...assumed, status: 'completed' });
    expect(await scan()).toMatchObject({ othersAreUnchanged: false });
    expect(shown().map(({ id }) => id)).toContain(running);
  });
});
