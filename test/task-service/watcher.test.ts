import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/emulator/scenario.js';
import { openWatcher, type WatcherPlace } from './open-watcher.js';

const places: WatcherPlace[] = [];

afterEach(async () => {
  await Promise.all(places.splice(0).map(async (place) => place.close()));
});

const LIST = 'GET /executions';
const SINGLE = 'GET /executions/:id';

async function open(scenario: Scenario): Promise<WatcherPlace> {
  const place = await openWatcher(scenario);
  places.push(place);
  return place;
}

/** Counts the timers of this process when all that takes a moment is done. */
async function timersAtRest(): Promise<number> {
  await sleep(500);
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

describe('a watcher', () => {
  it('reads one or two executions singly', async () => {
    const { start, watch, count } = await open({ seconds: 1 });
    const ended = await Promise.all([watch(await start()), watch(await start())]);
    expect(ended.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(count(LIST)).toBe(0);
  });

  it('reads many in one list', async () => {
    const { start, watch, count } = await open({ seconds: 1 });
    const ids = await Promise.all(Array.from({ length: 40 }, start));
    const ended = await Promise.all(ids.map((id) => watch(id)));
    expect(ended.map(({ id }) => id)).toEqual(ids);
    expect(count(LIST)).toBeLessThanOrEqual(12);
    expect(count(SINGLE)).toBeLessThanOrEqual(2);
  });

  it('reads a long list only as far as it changed', async () => {
    const { emulator, start, watch, count } = await open({ seconds: 0.1 });
    for (let index = 0; index < 500; index++) await start();
    emulator.setScenario({ seconds: [5, 6] });
    const late = await Promise.all(Array.from({ length: 30 }, start));
    emulator.setScenario({ seconds: [0.2, 6] });
    const ids = [...late, ...(await Promise.all(Array.from({ length: 170 }, start)))];
    await Promise.all(ids.map((id) => watch(id)));
    // Two pages hold all that is awaited; a list of seven would be read each time.
    expect(count(LIST)).toBeLessThanOrEqual(100);
    expect(count(SINGLE)).toBeLessThanOrEqual(20);
  }, 60_000);

  it('notices an end in a list of five a page, without filters and times, about as soon as by single reads', async () => {
    const parameters = { sort: 'ignored', status: 'ignored', task_id: 'ignored' } as const;
    const lists = { parameters, defaultPage: 5, largestPage: 5 };
    const { emulator, start, watch } = await open({ timestamps: false, lists, seconds: [3, 9] });
    const ids = await Promise.all(Array.from({ length: 60 }, start));
    const noticed = new Map(await Promise.all(ids.map(async (id) => watch(id).then(() => [id, Date.now()] as const))));
    const late = emulator
      .ledger()
      .executions.map(({ id, finishedAt = '' }) => (noticed.get(id) ?? 0) - Date.parse(finishedAt))
      .toSorted((one, other) => one - other);
    // A tenth of what it would be in life: a pause for each of the dozen pages would be two seconds.
    expect(late[30]).toBeLessThan(1_000);
  }, 60_000);

  it('knows what a list has shown before anybody waited for it', async () => {
    const { emulator, start, watch, count } = await open({ seconds: [2, 3] });
    const early = await Promise.all(Array.from({ length: 20 }, start));
    const late = await Promise.all(Array.from({ length: 20 }, start));
    emulator.setScenario({ seconds: 60 });
    const longest = watch(await start());
    await Promise.all(early.map((id) => watch(id)));
    const ended = await Promise.all(late.map((id) => watch(id)));
    expect(ended.map(({ status }) => status)).toEqual(late.map(() => 'completed'));
    // Fewer than three that are left are read singly.
    expect(count(SINGLE)).toBeLessThan(late.length / 2);
    await expect(Promise.race([longest, Promise.resolve('waits')])).resolves.toBe('waits');
  });

  it('goes on through an outage, asks less and less often, and tells of it', async () => {
    const { emulator, start, watch } = await open({ seconds: 0.2 });
    const id = await start();
    emulator.setScenario({ faults: [{ route: '*', status: 503, count: 3 }] });
    const troubles: unknown[] = [];
    expect(await watch(id, (error) => troubles.push(error))).toMatchObject({ status: 'completed' });
    expect(troubles).toHaveLength(3);
    const at = emulator
      .ledger()
      .requests.flatMap((request) => (request.status === 503 ? [Date.parse(request.at)] : []));
    const [first = 0, second = 0] = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(second).toBeGreaterThan(first);
  });

  it('asks one question at a time while the service is down, and tells all who wait', async () => {
    const { emulator, start, watch } = await open({ seconds: 0.2 });
    const ids = await Promise.all(Array.from({ length: 20 }, start));
    emulator.setScenario({ faults: [{ route: '*', status: 503, count: 6 }] });
    const troubled = new Set<string>();
    const ended = await Promise.all(ids.map((id) => watch(id, () => troubled.add(id))));
    expect(ended.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
    expect(troubled.size).toBe(20);
    const { requests } = emulator.ledger();
    const refused = requests.filter(({ status }) => status === 503).map(({ at }) => Date.parse(at));
    expect(refused).toHaveLength(6);
    // The list and two more are asked at once: then it is no trouble of one of them.
    const gaps = refused.slice(3).map((at, index) => at - (refused[index + 2] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(70);
  });

  it('fails the wait for one that does not exist, and for no other', async () => {
    const { start, watch } = await open({ seconds: 1 });
    const missing = watch(crypto.randomUUID());
    const there = watch(await start());
    await expect(missing).rejects.toMatchObject({ status: 404 });
    expect(await there).toMatchObject({ status: 'completed' });
  });

  it('keeps no timer when nobody waits', async () => {
    // Executions that have run for hours are looked at again after half a minute.
    const scenario = { seconds: 86_400, clock: { createdSeconds: -36_000 } };
    const { start, watch, count, controller, watcher } = await open(scenario);
    const ids = await Promise.all([start(), start(), start()]);
    const before = await timersAtRest();
    const waits = ids.map((id) => watch(id));
    expect(await timersAtRest()).toBe(before + 1);
    expect(count(LIST)).toBe(1);
    controller.abort(new Error('over'));
    await Promise.allSettled(waits);
    expect(watcher.live()).toBe(0);
    expect(await timersAtRest()).toBe(before);
  });

  it('asks nothing more when nobody waits', async () => {
    const { start, watch, controller, watcher, emulator } = await open({ seconds: 600 });
    const waits = [watch(await start()), watch(await start()), watch(await start())];
    controller.abort(new Error('over'));
    await expect(Promise.all(waits)).rejects.toThrow('over');
    await Promise.allSettled(waits);
    expect(watcher.live()).toBe(0);
    const before = emulator.ledger().requests.length;
    await sleep(500);
    expect(emulator.ledger().requests.length).toBe(before);
  });
});
