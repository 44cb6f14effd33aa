import { afterEach, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { createTaskEnsurer } from '../../src/task-service/ensure-task.js';
import { identified, isOfInstance, plainName } from '../../src/task-service/task-identity.js';
import { createTaskService } from '../../src/task-service/task-service.js';

const emulators: Emulator[] = [];

afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()));
});

async function open() {
  const emulator = await startEmulator({ requestsPerMinute: 0, scenario: { seconds: 60 } });
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
