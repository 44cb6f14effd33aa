import { describe, expect, it } from 'vitest';
import { openEmulator } from './open-emulator.js';

interface Shown {
  readonly id: string;
  readonly task_id: string;
  readonly created_at: string;
}

describe('other people in the account', () => {
  it('have executions in every list, also in that of one task, and one more every second', async () => {
    let now = Date.parse('2026-01-01T12:00:00.500Z');
    const { call, task, emulator } = await openEmulator({ scenario: { seconds: 60, strangers: 2 }, now: () => now });
    const taskId = await task();
    const { id } = (await call('POST', `/tasks/${taskId}/run`)).data as Shown;
    const list = async (path: string) => (await call('GET', path)).data as Shown[];
    const seen = await list(`/tasks/${taskId}/executions`);
    expect(seen.map((shown) => [shown.id === id, shown.task_id === taskId, shown.created_at])).toEqual([
      [true, true, '2026-01-01T12:00:00.500Z'],
      [false, false, '2026-01-01T12:00:00.000Z'],
      [false, false, '2026-01-01T11:59:59.000Z'],
    ]);
    expect(await list('/executions')).toEqual(seen);
    now += 1000;
    const later = await list(`/executions?task_id=${taskId}`);
    expect(later.map((shown) => shown.created_at.slice(17, 23))).toEqual(['01.000', '00.500', '00.000']);
    expect(later[2]?.id).toBe(seen[1]?.id);

    const stranger = later[0]?.id ?? '';
    expect((await call('GET', `/tasks/${later[0]?.task_id}`)).status).toBe(200);
    expect((await call('POST', `/executions/${stranger}/stop`)).data).toMatchObject({ status: 'cancelled' });
    expect((await call('GET', `/executions/${stranger}/results/export`)).status).toBe(200);
    expect(emulator.ledger()).toMatchObject({ billed: 1, executions: [{ id }] });
  });

  it('have tasks that were there before, and tasks that came later', async () => {
    const { call, task } = await openEmulator({ scenario: { olderTasks: 300, newerTasks: 150 } });
    const mine = await task();
    const pages = await Promise.all(
      [0, 100, 200, 300, 400].map(
        async (offset) => (await call('GET', `/tasks?limit=100&offset=${offset}`)).data as Shown[],
      ),
    );
    const ids = pages.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(451);
    expect(ids.indexOf(mine)).toBe(150);
    expect((await call('GET', `/tasks/${ids[0]}`)).data).toMatchObject({
      id: ids[0],
      name: "Somebody's newer task 150",
    });
    expect(((await call('GET', '/tasks?limit=1')).data as Shown[])[0]?.id).toBe(ids[0]);
  });

  it.each([409, 400] as const)(
    'may pause a task: running it is refused with %i until it is resumed',
    async (status) => {
      const { call, task, emulator } = await openEmulator({ scenario: { pausedStatus: status } });
      const id = await task();
      expect((await call('PATCH', `/tasks/${id}`, { status: 'paused' })).data).toMatchObject({ status: 'paused' });
      for (const [path, body] of [[`/tasks/${id}/run`], ['/executions', { task_id: id }]] as const) {
        const refused = await call('POST', path, body);
        expect([refused.status, refused.error.message]).toEqual([status, `task ${id} is paused`]);
      }
      expect(emulator.ledger().billed).toBe(0);
      await call('PATCH', `/tasks/${id}`, { status: 'active' });
      expect((await call('POST', `/tasks/${id}/run`)).status).toBe(201);
    },
  );
});
