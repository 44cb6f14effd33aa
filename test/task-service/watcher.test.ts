import { setMaxListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { createWatcher } from '../../src/task-service/watcher/watcher.js';
import { PRODUCT_TASK } from '../helpers/workplace.js';

const emulators: Emulator[] = [];

afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()));
});

const LIST = 'GET /executions';
const SINGLE = 'GET /executions/:id';

/** A watcher before a service that is ten times as fast as life. */
async function open(scenario: Scenario) {
  const emulator = await startEmulator({ requestsPerMinute: 0, scenario });
  emulators.push(emulator);
  const service = createTaskService({ url: emulator.url, token: 'any' });
  const task = await service.tasks.create(PRODUCT_TASK);
  const watcher = createWatcher({ service, hasBetterToDo: () => false, speed: 10 });
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return {
    emulator,
    watcher,
    controller,
    start: async () => (await service.tasks.run(task.id)).id,
    watch: (executionId: string, onTrouble: (error: unknown) => void = () => undefined) =>
      watcher.watch({
        executionId,
        signal: controller.signal,
        until: () => false,
        onLook: () => undefined,
        onTrouble,
      }),
    count: (route: string) => emulator.ledger().counts[route] ?? 0,
  };
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

  it.each<[string, Scenario]>([
    ['is refused', { faults: [{ route: LIST, status: 400 }] }],
    ['is missing', { faults: [{ route: LIST, status: 501 }] }],
    ['lags behind', { listLagSeconds: 2 }],
    ['has no times', { timestamps: false }],
    ['has no time of change', { hidden: ['updated_at'] }],
    ['is a bare array', { lists: { shape: 'array' } }],
    ['stands in an object', { lists: { shape: 'items' } }],
    ['has its total beside it', { lists: { shape: 'meta' } }],
    ['has small pages', { lists: { largestPage: 7 } }],
    ['takes no parameters', { lists: { parameters: 'refused' } }],
    ['ignores its parameters', { lists: { parameters: 'ignored', defaultPage: 10 } }],
    ['refuses to be sorted', { lists: { parameters: { sort: 'refused' } } }],
    ['is not sorted as asked', { lists: { parameters: { sort: 'ignored' }, largestPage: 7 } }],
    ['begins with the oldest', { lists: { parameters: { sort: 'ignored' }, order: 'oldest', largestPage: 7 } }],
    ['is in no order', { lists: { parameters: { sort: 'ignored' }, order: 'shuffled', largestPage: 7 } }],
  ])('gets there where the list %s', async (_, scenario) => {
    const { start, watch } = await open({ seconds: [0.2, 1.5], ...scenario });
    // Older ones that nobody waits for are in the way.
    for (let index = 0; index < 10; index++) await start();
    const ids = await Promise.all(Array.from({ length: 20 }, start));
    const ended = await Promise.all(ids.map((id) => watch(id)));
    expect(ended.map(({ id }) => id)).toEqual(ids);
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['completed']));
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

  it('fails the wait for one that does not exist, and for no other', async () => {
    const { start, watch } = await open({ seconds: 1 });
    const missing = watch(crypto.randomUUID());
    const there = watch(await start());
    await expect(missing).rejects.toMatchObject({ status: 404 });
    expect(await there).toMatchObject({ status: 'completed' });
  });

  it('asks nothing more when nobody waits', async () => {
    const { start, watch, controller, watcher, emulator } = await open({ seconds: 600 });
    const waits = [watch(await start()), watch(await start()), watch(await start())];
    controller.abort(new Error('over'));
    await expect(Promise.all(waits)).rejects.toThrow('over');
    await Promise.allSettled(waits);
    expect(watcher.live()).toBe(0);
    const before = emulator.ledger().requests.length;
    await new Promise((done) => setTimeout(done, 500));
    expect(emulator.ledger().requests.length).toBe(before);
  });
});
