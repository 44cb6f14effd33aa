import { describe, expect, it } from 'vitest';
import { openEmulator } from './open-emulator.js';

const LONG = { scenario: { seconds: 3600 } };

describe('executions', () => {
  it.each([[undefined], ['{}'], [{ secret_payload: { apiKey: 'x' } }]])('start with the body %j', async (body) => {
    const { call, task } = await openEmulator(LONG);
    const taskId = await task();
    const { status, data } = await call('POST', `/tasks/${taskId}/run`, body);
    expect(status).toBe(201);
    expect(data).toMatchObject({ task_id: taskId, status: 'queued', results_available: false });
  });

  it('start by a call of their own', async () => {
    const { call, task } = await openEmulator(LONG);
    const taskId = await task();
    expect((await call('POST', '/executions', { task_id: taskId })).data).toMatchObject({ task_id: taskId });
    expect((await call('POST', '/executions', {})).error.message).toMatch(/^task_id: /);
    expect((await call('POST', '/executions', { task_id: 'none' })).status).toBe(404);
  });

  it('never repeat what a secret says, not even one that cannot be read', async () => {
    const { call, task, emulator } = await openEmulator(LONG);
    const taskId = await task();
    const answers = [
      await call('POST', `/tasks/${taskId}/run`, { secret_payload: { shopLogin: 'canary-1' } }),
      await call('POST', `/tasks/${taskId}/run`, '{"secret_payload": {"shopLogin": canary-2}}'),
      await call('POST', `/tasks/${taskId}/run`, { secret_payload: 'canary-3' }),
      await call('GET', '/executions', undefined, { 'x-api-key': 'canary-4' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 400, 400, 200]);
    const seen = JSON.stringify([answers.map(({ text }) => text), emulator.ledger()]);
    expect(seen).toContain('shopLogin');
    expect(seen).not.toContain('canary');
  });

  it('are listed for all tasks and for one, by status and by task', async () => {
    const scenario = { seconds: 3600, tasks: [{ name: 'quick', seconds: 0 }] };
    const { call, task, run } = await openEmulator({ scenario });
    const taskId = await task();
    const first = ((await call('POST', `/tasks/${taskId}/run`)).data as { id: string }).id;
    const second = ((await call('POST', `/tasks/${taskId}/run`)).data as { id: string }).id;
    const quick = await run({ name: 'quick' });
    const listed = async (path: string): Promise<string[]> =>
      ((await call('GET', path)).data as { id: string }[]).map(({ id }) => id);
    expect(await listed('/executions')).toEqual([quick, second, first]);
    expect(await listed('/executions?status=completed')).toEqual([quick]);
    expect(await listed(`/executions?task_id=${taskId}&limit=1&offset=1`)).toEqual([first]);
    expect(await listed(`/tasks/${taskId}/executions?sort=created_at:asc`)).toEqual([first, second]);
  });

  it.each([
    ['completed', {}],
    ['completed_with_errors', {}],
    ['cancelled', {}],
    ['failed', { error: 'the shop is closed' }],
  ])('come to the status %s', async (status, { error }: { error?: string }) => {
    const scenario = { seconds: 0, status, ...(error ? { error } : {}) };
    const { call, run } = await openEmulator({ scenario });
    const { data } = await call('GET', `/executions/${await run()}`);
    expect(data).toMatchObject({ status, results_available: true, finished_at: expect.any(String) });
    expect((data as { error?: string }).error).toBe(error);
  });

  it('are paused, resumed and stopped, and refuse what makes no sense with 409', async () => {
    const { call, run } = await openEmulator(LONG);
    const id = await run();
    const control = async (verb: string): Promise<string> => {
      const { status, data, error } = await call('POST', `/executions/${id}/${verb}`);
      return status === 200 ? (data as { status: string }).status : `${status} ${error.code}`;
    };
    const seen: string[] = [];
    for (const verb of ['resume', 'pause', 'pause', 'resume', 'stop', 'stop', 'pause']) seen.push(await control(verb));
    expect(seen).toEqual([
      '409 CONFLICT',
      'paused',
      '409 CONFLICT',
      'queued',
      'cancelled',
      '409 CONFLICT',
      '409 CONFLICT',
    ]);
    expect((await call('POST', '/executions/none/stop')).status).toBe(404);
  });

  it('do not say whose they are where the scenario has it so', async () => {
    const { call, run } = await openEmulator({ scenario: { seconds: 3600, hidden: ['task_id'] } });
    const shown = (await call('GET', `/executions/${await run()}`)).data;
    expect(shown).toMatchObject({ id: expect.any(String), created_at: expect.any(String) });
    expect(shown).not.toHaveProperty('task_id');
  });

  it('keep the life they began with when the scenario changes', async () => {
    const { call, run, emulator } = await openEmulator(LONG);
    const id = await run();
    emulator.setScenario({ seconds: 0 });
    expect((await call('GET', `/executions/${id}`)).data).toMatchObject({ status: 'queued' });
    expect((await call('GET', `/executions/${await run()}`)).data).toMatchObject({ status: 'completed' });
  });
});
