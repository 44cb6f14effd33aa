import { describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/emulator.js';
import type { Scenario } from '../../src/emulator/scenario.js';
import { openEmulator } from './open-emulator.js';

interface Listed {
  readonly id: string;
  readonly status: string;
}

/** Executions of one task, oldest first, a second apart; what `list` gives are their numbers, or the refusal. */
async function openLists(lists: Scenario['lists'], count = 5, options: EmulatorOptions = {}) {
  let now = Date.parse('2026-01-01T12:00:00Z');
  const scenario = { seconds: 3600, ...(lists ? { lists } : {}), ...options.scenario };
  const client = await openEmulator({ requestsPerMinute: 0, now: () => now, ...options, scenario });
  const taskId = await client.task();
  const ids: string[] = [];
  const add = async (): Promise<void> => {
    now += 1000;
    ids.push(((await client.call('POST', `/tasks/${taskId}/run`)).data as Listed).id);
  };
  for (let n = 0; n < count; n += 1) await add();
  const list = async (query = '', path = '/executions'): Promise<number[] | string> => {
    const { status, data, error } = await client.call('GET', `${path}${query}`);
    return status === 200 ? (data as Listed[]).map(({ id }) => ids.indexOf(id)) : `${status} ${error.message}`;
  };
  const wait = (seconds: number): void => void (now += seconds * 1000);
  return { ...client, taskId, ids, add, list, wait };
}

describe('a list', () => {
  it.each([
    [{}, undefined],
    [{ shape: 'array' }, undefined],
    [{ shape: 'meta' }, { total: 5, limit: 2, offset: 1 }],
  ] as const)('of the shape %j is an array, with %j beside it', async (lists, meta) => {
    const { call, ids, taskId } = await openLists(lists);
    for (const path of ['/executions', `/tasks/${taskId}/executions`]) {
      const body = JSON.parse((await call('GET', `${path}?limit=2&offset=1`)).text);
      expect(body).toEqual({
        success: true,
        data: [expect.objectContaining({ id: ids[3] }), expect.objectContaining({ id: ids[2] })],
        ...(meta ? { meta } : {}),
      });
    }
  });

  it('of the shape items lies in an object, of tasks too, and counts what the filter keeps', async () => {
    const { call, ids, taskId } = await openLists({ shape: 'items', largestPage: 1 });
    await call('POST', `/executions/${ids[1]}/stop`);
    await call('POST', `/executions/${ids[2]}/stop`);
    expect((await call('GET', '/executions?status=cancelled&limit=9')).data).toEqual({
      items: [expect.objectContaining({ id: ids[2] })],
      total: 2,
      limit: 1,
      offset: 0,
    });
    expect((await call('GET', '/tasks')).data).toMatchObject({ items: [{ id: taskId }], total: 1 });
  });

  it('has pages as large as it says, without a word about a larger limit', async () => {
    const { list } = await openLists({ defaultPage: 2, largestPage: 3 });
    expect(await list()).toEqual([4, 3]);
    expect(await list('?limit=100')).toEqual([4, 3, 2]);
    expect(await list('?limit=1')).toEqual([4]);
  });

  it.each([
    ['newest', [4, 3, 2, 1, 0]],
    ['oldest', [0, 1, 2, 3, 4]],
  ] as const)('is in the order %s where nobody asks for another', async (order, expected) => {
    const { list } = await openLists({ order });
    expect(await list()).toEqual(expected);
    expect(await list('?sort=created_at')).toEqual([0, 1, 2, 3, 4]);
    expect(await list('?sort=-created_at')).toEqual([4, 3, 2, 1, 0]);
  });

  it('that is shuffled keeps each execution in its place, page by page, and still sorts when asked', async () => {
    const { list, add } = await openLists({ order: 'shuffled' }, 20);
    const before = await list();
    expect(before).not.toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(before).not.toEqual(Array.from({ length: 20 }, (_, n) => 19 - n));
    const pages = [await list('?limit=12'), await list('?limit=12&offset=12')].flat();
    expect(pages).toEqual(before);
    await add();
    expect(((await list()) as number[]).filter((n) => n < 20)).toEqual(before);
    expect(await list('?sort=-created_at&limit=2')).toEqual([20, 19]);
  });

  it('shifts between two pages when an execution is created there: one is shown twice', async () => {
    const { list, add } = await openLists({ defaultPage: 2 });
    expect(await list()).toEqual([4, 3]);
    await add();
    expect(await list('?offset=2')).toEqual([3, 2]);
  });

  it('sorted by change shows what has changed last first, whatever the change was', async () => {
    const scenario = { seconds: 100, tasks: [{ name: 'quick', seconds: 2 }] };
    const { call, list, ids, wait, task } = await openLists({}, 5, { scenario });
    const recent = async () => list('?sort=-updated_at&limit=1');
    const quick = ((await call('POST', `/tasks/${await task({ name: 'quick' })}/run`)).data as Listed).id;
    ids.push(quick);
    const seen: unknown[] = [await recent()];
    wait(0.5);
    seen.push(await recent());
    wait(0.5);
    seen.push(await recent());
    for (const [verb, n] of [
      ['pause', 0],
      ['pause', 1],
      ['resume', 0],
      ['stop', 2],
    ] as const) {
      wait(0.1);
      await call('POST', `/executions/${ids[n]}/${verb}`);
      seen.push(await recent());
    }
    wait(0.6);
    seen.push(await recent());
    wait(98);
    seen.push(await recent());
    // Created, begun, a later one begun; paused, paused, resumed, stopped; completed; and the last of the long ones.
    expect(seen).toEqual([[5], [5], [4], [0], [1], [0], [2], [5], [4]]);
  });
});

describe('a parameter of a list', () => {
  const EACH = ['limit=1', 'offset=1', 'status=none', 'sort=created_at', 'task_id=none'];

  it('takes effect', async () => {
    const { list, taskId } = await openLists({});
    const seen = [];
    for (const query of EACH) seen.push(await list(`?${query}`));
    expect(seen).toEqual([[4], [3, 2, 1, 0], [], [0, 1, 2, 3, 4], []]);
    expect(await list(`?task_id=${taskId}&unknown=1`)).toEqual([4, 3, 2, 1, 0]);
    expect(await list('?task_id=none', `/tasks/${taskId}/executions`)).toEqual([4, 3, 2, 1, 0]);
  });

  it.each(EACH)('has none where all are ignored: %s', async (query) => {
    const { list } = await openLists({ parameters: 'ignored', defaultPage: 3 });
    expect(await list(`?${query}`)).toEqual([4, 3, 2]);
    expect(await list('?limit=nonsense')).toEqual([4, 3, 2]);
  });

  it.each([...EACH, 'cursor=x'])('is refused where all are: %s', async (query) => {
    const { list, taskId } = await openLists({ parameters: 'refused' });
    const refusal = `400 ${query.split('=')[0]}: this list does not take it`;
    for (const path of ['/executions', '/tasks', `/tasks/${taskId}/executions`]) {
      expect(await list(`?${query}`, path)).toBe(refusal);
    }
    expect(await list()).toEqual([4, 3, 2, 1, 0]);
  });

  it('may be treated otherwise than the others', async () => {
    const { list } = await openLists({ parameters: { sort: 'ignored', status: 'refused' } });
    expect(await list('?sort=created_at&limit=2')).toEqual([4, 3]);
    expect(await list('?sort=created_at&status=queued')).toBe('400 status: this list does not take it');
  });
});

describe('a field that is hidden', () => {
  it('is shown neither in lists nor singly, of tasks and of executions', async () => {
    const hidden = ['created_at', 'task_id', 'objective'];
    const { call, ids, taskId } = await openLists({}, 1, { scenario: { hidden } });
    const [listed] = (await call('GET', '/executions')).data as Listed[];
    const { data: single } = await call('GET', `/executions/${ids[0]}`);
    expect(listed).toEqual(single);
    expect(Object.keys(single)).toEqual(['id', 'status', 'updated_at', 'results_available']);
    const { data: task } = await call('GET', `/tasks/${taskId}`);
    expect(Object.keys(task)).toEqual([
      'name',
      'urls',
      'output_schema',
      'execution_type',
      'id',
      'status',
      'updated_at',
    ]);
  });
});
