import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { createTaskEnsurer } from '../../src/task-service/ensure-task.js';
import { identified, isOfInstance, plainName } from '../../src/task-service/task-identity.js';
import { createTaskService } from '../../src/task-service/task-service.js';

const emulators: Emulator[] = [];

afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()));
});

async function open(scenario: Scenario = {}) {
  const emulator = await startEmulator({ requestsPerMinute: 0, scenario: { seconds: 60, ...scenario } });
  emulators.push(emulator);
  return { emulator, service: createTaskService({ url: emulator.url, token: 't' }) };
}

const definition = {
  name: 'Scrape products',
  urls: ['https://example.com/1'],
  objective: 'Extract products',
  output_schema: { type: 'object', properties: { title: { type: 'string' } } },
  execution_type: 'single',
};

describe('ensuring a task', () => {
  it('creates it once, and any other worker finds it again', async () => {
    const { emulator, service } = await open();
    const first = await createTaskEnsurer(service, 'here').ensure(definition, []);
    const ensurer = createTaskEnsurer(service, 'here');
    expect(await Promise.all([ensurer.ensure(definition, []), ensurer.ensure({ ...definition }, [])])).toEqual([
      first,
      first,
    ]);
    expect(emulator.ledger().counts['POST /tasks']).toBe(1);
  });

  it('asks for the list once for many definitions, and anew for one that is gone', async () => {
    const { emulator, service } = await open();
    const many = Array.from({ length: 30 }, (_, index) => ({ ...definition, urls: [`https://example.com/${index}`] }));
    const made = await Promise.all(many.map((each) => createTaskEnsurer(service, 'here').ensure(each, [])));
    const before = emulator.ledger().counts['GET /tasks'] ?? 0;
    const ensurer = createTaskEnsurer(service, 'here');
    expect(await Promise.all(many.map((each) => ensurer.ensure(each, [], undefined, true)))).toEqual(made);
    expect(emulator.ledger().counts['GET /tasks']).toBe(before + 1);
    expect(await ensurer.ensure(many[0] ?? definition, [], made[0], true)).not.toBe(made[0]);
    expect(emulator.ledger().counts).toMatchObject({ 'POST /tasks': 31 });
  });

  it('keeps installations and secrets apart', async () => {
    const { service } = await open();
    const ids = await Promise.all([
      createTaskEnsurer(service, 'here').ensure(definition, []),
      createTaskEnsurer(service, 'there').ensure(definition, []),
      createTaskEnsurer(service, 'here').ensure(definition, ['shop_key']),
    ]);
    expect(new Set(ids).size).toBe(3);
  });

  it('does not take a deleted one, and looks again for one that is gone', async () => {
    const { emulator, service } = await open();
    const ensurer = createTaskEnsurer(service, 'here');
    const first = await ensurer.ensure(definition, []);
    await fetch(`${emulator.url}/api/v1/tasks/${first}`, { method: 'DELETE', headers: { authorization: 'Bearer t' } });
    expect(await ensurer.ensure(definition, [])).toBe(first);
    const [second, third] = await Promise.all([
      ensurer.ensure(definition, [], first),
      ensurer.ensure(definition, [], first),
    ]);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });

  it.each<[string, Scenario['lists']]>([
    ['newest first', {}],
    ['oldest first', { order: 'oldest' }],
    ['in no order', { order: 'shuffled' }],
    ['a few at a time', { largestPage: 30 }],
    ['newest first, and take no parameters but the offset', { defaultPage: 40, parameters: { limit: 'ignored' } }],
  ])('finds one that others stand before and behind, in lists that are %s', async (_, lists) => {
    const { emulator, service } = await open({ lists });
    const first = await createTaskEnsurer(service, 'here').ensure(definition, []);
    emulator.setScenario({ olderTasks: 150, newerTasks: 450, lists });
    expect(await createTaskEnsurer(service, 'here').ensure(definition, [])).toBe(first);
    expect(emulator.ledger().counts['POST /tasks']).toBe(1);
  });

  it('reads a long list once for many that are there, and only what is new for many that are not', async () => {
    const { emulator, service } = await open();
    const many = Array.from({ length: 40 }, (_, index) => ({ ...definition, urls: [`https://example.com/${index}`] }));
    const maker = createTaskEnsurer(service, 'here');
    const made = [];
    for (const each of many) made.push(await maker.ensure(each, []));
    emulator.setScenario({ newerTasks: 500 });
    const reads = (): number => emulator.ledger().counts['GET /tasks'] ?? 0;

    const before = reads();
    const ensurer = createTaskEnsurer(service, 'here');
    const found = [];
    for (const each of many) found.push(await ensurer.ensure(each, []));
    expect(found).toEqual(made);
    expect(reads() - before).toBeLessThanOrEqual(7);

    const afterwards = reads();
    const others = many.map((each) => ({ ...each, objective: 'Something else' }));
    const ids = new Set(await Promise.all(others.slice(0, 20).map((each) => ensurer.ensure(each, []))));
    for (const each of others.slice(20)) ids.add(await ensurer.ensure(each, []));
    expect(ids.size).toBe(40);
    expect(reads() - afterwards).toBeLessThanOrEqual(7 + 20);
  });

  it('does not read a long list of no order again for each', async () => {
    const { emulator, service } = await open({ olderTasks: 500, lists: { order: 'shuffled' } });
    const ensurer = createTaskEnsurer(service, 'here');
    for (let index = 0; index < 10; index++) await ensurer.ensure({ ...definition, objective: `${index}` }, []);
    expect(emulator.ledger().counts['GET /tasks']).toBeLessThanOrEqual(8);
  });

  it('takes none that was edited, and none that is over', async () => {
    const { emulator, service } = await open();
    const first = await createTaskEnsurer(service, 'here').ensure(definition, []);
    const change = (changes: object) =>
      fetch(`${emulator.url}/api/v1/tasks/${first}`, {
        method: 'PATCH',
        headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
        body: JSON.stringify(changes),
      });
    await change({ objective: 'Something else' });
    const second = await createTaskEnsurer(service, 'here').ensure(definition, []);
    expect(second).not.toBe(first);
    expect(await createTaskEnsurer(service, 'here').ensure(definition, [])).toBe(second);
  });

  it.each(['lower', 'upper'] as const)('makes no other one for one that is paused: %s case', async (statusCase) => {
    const { emulator, service } = await open({ statusCase, newerTasks: 350 });
    const first = await createTaskEnsurer(service, 'here').ensure(definition, []);
    const set = (status: string) =>
      fetch(`${emulator.url}/api/v1/tasks/${first}`, {
        method: 'PATCH',
        headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
        body: JSON.stringify({ status }),
      });
    await set('paused');
    const ensurer = createTaskEnsurer(service, 'here');
    const asked = Promise.all([1, 2, 3].map(() => ensurer.ensure(definition, [], undefined, true)));
    await expect(asked).rejects.toThrow(`task ${first} is paused at the service; resume it there`);
    await set('active');
    expect(await createTaskEnsurer(service, 'here').ensure(definition, [])).toBe(first);
    vi.useFakeTimers({ toFake: ['performance'], now: 0 });
    vi.advanceTimersByTime(60_000);
    expect(await ensurer.ensure(definition, [])).toBe(first);
    vi.useRealTimers();
    expect(emulator.ledger().counts['POST /tasks']).toBe(1);
  });

  it('tries again after a failure', async () => {
    const { emulator, service } = await open();
    emulator.setScenario({ faults: [{ route: '*', status: 503, count: 1 }] });
    const ensurer = createTaskEnsurer(service, 'here');
    await expect(ensurer.ensure(definition, [])).rejects.toThrow('503');
    await expect(ensurer.ensure(definition, [])).resolves.toBeTypeOf('string');
  });
});

describe('the name of a task', () => {
  it('carries a hash that the order of keys does not change', () => {
    const { name, ...rest } = definition;
    const here = { instance: 'here', secretNames: ['b', 'a'] };
    const one = identified(definition, here);
    expect(one.name).toMatch(/^Scrape products \[tf [0-9a-f]{16}\]$/);
    expect(identified({ ...rest, name }, { instance: 'here', secretNames: ['a', 'b'] }).name).toBe(one.name);
    expect(identified({ ...definition, objective: 'other' }, here).name).not.toBe(one.name);
    expect(plainName(one.name)).toBe('Scrape products');
  });

  it('tells whose task it is', () => {
    const secretNames: string[] = [];
    const one = identified(definition, { instance: 'here', secretNames });
    const other = identified({ ...definition, objective: 'other' }, { instance: 'here', secretNames });
    const there = identified(definition, { instance: 'there', secretNames });
    expect([one, other, there].map(({ name }) => isOfInstance(name, 'here'))).toEqual([true, true, false]);
    expect(isOfInstance(there.name, 'there')).toBe(true);
    expect(isOfInstance(definition.name, 'here')).toBe(false);
    expect(isOfInstance(`${one.name} copy`, 'here')).toBe(false);
  });
});
