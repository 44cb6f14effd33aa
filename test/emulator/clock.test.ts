import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/emulator/scenario.js';
import { openEmulator } from './open-emulator.js';

const NOON = Date.parse('2026-01-01T12:00:00.250Z');

interface Shown {
  readonly id: string;
  readonly created_at: string | number;
}

async function openClock(clock: Scenario['clock']) {
  let now = NOON;
  const scenario = { seconds: 3600, ...(clock ? { clock } : {}) };
  const client = await openEmulator({ scenario, now: () => now });
  const call = async (method: string, path: string, body?: unknown) => {
    const { data, headers } = await client.call(method, path, body);
    return { data: data as Shown, date: new Date(headers.get('date') ?? '').toISOString() };
  };
  return { ...client, call, wait: (seconds: number) => void (now += seconds * 1000) };
}

describe('a service whose clocks differ', () => {
  it.each([
    [{}, '12:00:00.000Z', '12:00:00.250Z'],
    [{ dateSeconds: 3 }, '12:00:03.000Z', '12:00:00.250Z'],
    [{ createdSeconds: -30 }, '12:00:00.000Z', '11:59:30.250Z'],
    [{ dateSeconds: -1, createdSeconds: 2 }, '11:59:59.000Z', '12:00:02.250Z'],
  ])('%j says %s in its header and %s of what it creates', async (clock, date, created) => {
    const { call, task } = await openClock(clock);
    const answer = await call('POST', `/tasks/${await task()}/run`);
    expect([answer.date, answer.data.created_at]).toEqual([`2026-01-01T${date}`, `2026-01-01T${created}`]);
  });

  it('can have a header that stands still until the scenario changes, while executions go on', async () => {
    const { call, run, wait, emulator } = await openClock({ dateFrozen: true });
    const id = await run();
    wait(60);
    const later = await call('GET', `/executions/${id}`);
    expect(later).toMatchObject({ date: '2026-01-01T12:00:00.000Z', data: { status: 'running' } });
    emulator.setScenario({ clock: { dateFrozen: true } });
    expect((await call('GET', `/executions/${id}`)).date).toBe('2026-01-01T12:01:00.000Z');
  });

  it('can be several servers that take turns, of which each stamps what it creates', async () => {
    const { call, task } = await openClock({ servers: [0, 5] });
    const path = `/tasks/${await task()}/run`;
    const second = await call('POST', path);
    const third = await call('POST', path);
    expect(second).toMatchObject({
      date: '2026-01-01T12:00:05.000Z',
      data: { created_at: '2026-01-01T12:00:05.250Z' },
    });
    expect(third).toMatchObject({ date: '2026-01-01T12:00:00.000Z', data: { created_at: '2026-01-01T12:00:00.250Z' } });
    // An execution is stamped once: the server that is asked later does not change its time.
    for (const date of ['2026-01-01T12:00:05.000Z', '2026-01-01T12:00:00.000Z']) {
      const { data, ...answer } = await call('GET', `/executions/${second.data.id}`);
      expect([answer.date, data.created_at]).toEqual([date, '2026-01-01T12:00:05.250Z']);
    }
  });

  it.each([
    [{ zone: 'none' }, '2026-01-01T12:00:00.250'],
    [{ unit: 'seconds' }, Math.floor(NOON / 1000)],
    [{ unit: 'milliseconds' }, NOON],
    [{ unit: 'nanoseconds' }, NOON * 1e6],
  ] as const)('with %j writes a time as %j', async (clock, written) => {
    const { call, run, task } = await openClock(clock);
    const execution = (await call('GET', `/executions/${await run()}`)).data;
    expect(execution.created_at).toBe(written);
    expect((await call('GET', `/tasks/${await task()}`)).data.created_at).toBe(written);
  });
});
