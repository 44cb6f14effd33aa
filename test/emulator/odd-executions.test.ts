import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/emulator/scenario.js';
import { DEFINITION, openEmulator } from './open-emulator.js';

interface Shown {
  readonly id: string;
  readonly status: string | null;
  readonly created_at: string;
}

async function openOdd(odd: Partial<NonNullable<Scenario['tasks']>[number]>) {
  const scenario = { seconds: 0, rows: 2, tasks: [{ name: 'Odd', ...odd }] };
  const client = await openEmulator({ scenario });
  const id = await client.run({ name: 'Odd' });
  const plain = await client.run();
  const listed = async () => (await client.call('GET', '/executions')).data as Shown[];
  return { ...client, id, plain, listed };
}

describe('an odd execution', () => {
  it.each([[null], ['Archiving']])('is shown with the status %j, and lives all the same', async (statusShown) => {
    const { call, id, plain, listed, emulator } = await openOdd({ statusShown });
    expect((await call('GET', `/executions/${id}`)).data).toMatchObject({ status: statusShown });
    expect((await listed()).map((execution) => [execution.id, execution.status])).toEqual([
      [plain, 'completed'],
      [id, statusShown],
    ]);
    expect(emulator.ledger().executions[0]).toMatchObject({ id, status: 'completed' });
    expect((await call('GET', `/executions/${id}/results/export`)).status).toBe(200);
  });

  it('is shown as created at a time that nobody can read', async () => {
    const { call, id, listed } = await openOdd({ createdShown: 'yesterday' });
    expect((await call('GET', `/executions/${id}`)).data).toMatchObject({ created_at: 'yesterday' });
    expect((await listed())[1]?.created_at).toBe('yesterday');
  });

  it('fails for ever by its id, and stands in lists', async () => {
    const { call, id, plain, listed } = await openOdd({ alwaysFails: 500 });
    for (const path of ['', '/results', '/results/export', '/results/download']) {
      expect((await call('GET', `/executions/${id}${path}`)).status).toBe(500);
      expect((await call('GET', `/executions/${plain}${path}`)).status).toBe(200);
    }
    expect((await call('POST', `/executions/${id}/stop`)).status).toBe(500);
    expect((await listed()).map((execution) => execution.id)).toEqual([plain, id]);
  });

  it('is missing in lists, and there by its id', async () => {
    const { call, id, plain, listed } = await openOdd({ unlisted: true });
    expect((await listed()).map((execution) => execution.id)).toEqual([plain]);
    expect((await call('GET', `/executions/${id}`)).status).toBe(200);
  });
});

describe('results', () => {
  it.each([400, 409, 410, 422, 425] as const)('are not ready for a while after the end: %i', async (status) => {
    let now = Date.parse('2026-01-01T12:00:00Z');
    const scenario = { seconds: 10, resultsLagSeconds: 5, resultsLagStatus: status };
    const { call, run } = await openEmulator({ scenario, now: () => now });
    const id = await run();
    const seen = async () => {
      const { data } = await call('GET', `/executions/${id}/results`);
      const exported = await call('GET', `/executions/${id}/results/export`);
      return [(data as { available: boolean }).available, exported.status, exported.error?.message];
    };
    now += 14_999;
    expect(await seen()).toEqual([false, status, `the results of execution ${id} are not ready yet`]);
    expect((await call('GET', `/executions/${id}`)).data).toMatchObject({
      status: 'completed',
      results_available: false,
    });
    now += 1;
    expect((await seen()).slice(0, 2)).toEqual([true, 200]);
  });

  it('can be late for some tasks only', async () => {
    const scenario = { seconds: 0, tasks: [{ name: 'Late', resultsLagSeconds: 60, resultsLagStatus: 425 as const }] };
    const { call, run } = await openEmulator({ scenario });
    expect((await call('GET', `/executions/${await run({ name: 'Late' })}/results/export`)).status).toBe(425);
    expect((await call('GET', `/executions/${await run()}/results/export`)).status).toBe(200);
  });
});

describe('the case of letters', () => {
  it('of statuses can be the other one, and either is taken in a query', async () => {
    const { call, run } = await openEmulator({ scenario: { seconds: 3600, statusCase: 'upper' } });
    const id = await run();
    expect((await call('GET', `/executions/${id}`)).data).toMatchObject({ id, status: 'QUEUED' });
    for (const status of ['QUEUED', 'queued']) {
      expect((await call('GET', `/executions?status=${status}`)).data).toMatchObject([{ id, status: 'QUEUED' }]);
    }
    expect((await call('POST', '/tasks', DEFINITION)).data).toMatchObject({ status: 'ACTIVE' });
  });

  it('of ids can differ in lists, and the id leads to its object all the same', async () => {
    const { call, task, emulator } = await openEmulator({ scenario: { seconds: 3600, idCase: 'upper' } });
    const taskId = await task();
    const { id } = (await call('POST', `/tasks/${taskId}/run`)).data as Shown;
    expect(id).toBe(id.toLowerCase());
    const [listed] = (await call('GET', `/tasks/${taskId.toUpperCase()}/executions`)).data as Shown[];
    expect(listed).toMatchObject({ id: id.toUpperCase(), task_id: taskId.toUpperCase() });
    expect((await call('GET', '/tasks')).data).toMatchObject([{ id: taskId.toUpperCase() }]);
    expect((await call('GET', `/executions/${id.toUpperCase()}`)).data).toMatchObject({ id });
    expect((await call('POST', `/executions/${id.toUpperCase()}/stop`)).status).toBe(200);
    expect(emulator.ledger().executions).toMatchObject([{ id, status: 'cancelled' }]);
  });
});
