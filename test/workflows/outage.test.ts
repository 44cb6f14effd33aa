import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readProgress, type Sighting } from '../../src/client/read-progress.js';
import { startPostgres, type TestPostgres } from '../helpers/postgres.js';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.js';
import { failureOf, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let postgres: TestPostgres;
let proxy: TcpProxy;
let place: Workplace;

beforeAll(async () => {
  postgres = await startPostgres();
  const direct = new URL(postgres.url);
  proxy = await startTcpProxy({ host: direct.hostname, port: Number(direct.port) });
  const url = new URL(direct);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  place = await openWorkplace({ stores: { warehouse: { kind: 'postgres', url: url.href } } });
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await proxy.close();
  await postgres.stop();
});

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(postgres.url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** What any activity of a run, or of the workflow below it, says it failed for. */
function troubles(sighting: Sighting): string[] {
  const own = sighting.pending.flatMap(({ lastFailure }) => lastFailure ?? []);
  return [...own, ...Object.values(sighting.below).flatMap(troubles)];
}

function startWithRetries(type: 'runTask' | 'runPipeline', input: object) {
  return place.client.workflow.start(type, {
    workflowId: randomUUID(),
    taskQueue: place.config.taskQueue,
    args: [input],
    workflowRunTimeout: '20 seconds',
    retry: { maximumAttempts: 5, initialInterval: '1 second' },
  });
}

describe('a service that is out of reach', () => {
  it('is asked again with growing gaps until it recovers, and nothing is paid twice', async () => {
    place.emulator.setScenario({ seconds: 1, rows: 5, faults: [{ route: '*', status: 503, seconds: 8 }] });
    const { result } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Recovers' } });
    expect(await result()).toMatchObject({ status: 'completed' });
    expect(place.executionsOf('Recovers')).toHaveLength(1);
    const failed = place.emulator.ledger().requests.filter(({ status }) => status === 503);
    const gaps = failed.slice(1).map(({ at }, index) => Date.parse(at) - Date.parse(failed[index]?.at ?? ''));
    expect(gaps.length).toBeGreaterThanOrEqual(2);
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
  });

  it("that outlasts an attempt of its caller's retry policy is left to the next attempt", async () => {
    const task = { ...PRODUCT_TASK, name: 'Outlasts an attempt' };
    place.emulator.setScenario({ seconds: 1, rows: 5, faults: [{ route: '*', status: 503, seconds: 18 }] });
    const handles = await Promise.all([
      startWithRetries('runTask', { task }),
      startWithRetries('runPipeline', { pipeline: { name: 'outlasts', steps: { only: { task } } } }),
    ]);
    await Promise.all(handles.map((handle) => handle.result()));
    expect(place.executionsOf('Outlasts an attempt')).toHaveLength(2);
  });

  it('while a run is being sent is looked at before the run is sent again', async () => {
    place.emulator.setScenario({
      seconds: 1,
      rows: 5,
      faults: [{ route: 'POST /tasks/:id/run', kind: 'drop', count: 1 }],
    });
    const { result } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Lost reply' } });
    const { executionId } = await result();
    expect(place.executionsOf('Lost reply')).toMatchObject([{ id: executionId }]);
  });

  it('is sent the run again where the first request had no effect', async () => {
    place.emulator.setScenario({
      seconds: 1,
      rows: 5,
      faults: [{ route: 'POST /tasks/:id/run', status: 502, count: 1 }],
    });
    const { result } = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'No effect' } });
    await result();
    expect(place.executionsOf('No effect')).toHaveLength(1);
  });

  it('is not asked again by a caller who wants to know instead', async () => {
    place.emulator.setScenario({ seconds: 1, faults: [{ route: 'POST /tasks/:id/run', kind: 'drop', count: 1 }] });
    const task = { ...PRODUCT_TASK, name: 'Wants to know' };
    const { result } = await place.titanflow.runTask(randomUUID(), { task, onUnknown: 'fail' });
    expect(await failureOf(result())).toMatchObject({
      type: 'RunOutcomeUnknown',
      details: [{ taskId: expect.any(String) }],
    });
    expect(place.executionsOf('Wants to know')).toHaveLength(1);
  });

  it('for longer than giveUpAfter ends the run with what was paid for', async () => {
    place.emulator.setScenario({ seconds: 600 });
    const task = { ...PRODUCT_TASK, name: 'Given up' };
    const { result } = await place.titanflow.runTask(randomUUID(), { task, giveUpAfter: '3 seconds' });
    await vi.waitFor(() => expect(place.executionsOf('Given up')).toHaveLength(1), 20_000);
    place.emulator.setScenario({ faults: [{ route: '*', status: 503 }] });
    const [execution] = place.executionsOf('Given up');
    expect(await failureOf(result())).toMatchObject({
      type: 'ServiceUnavailable',
      details: [{ executionId: execution?.id }],
    });
  });

  it('with a bad token fails at once before anything is paid, and is waited out after it', async () => {
    place.emulator.setScenario({ seconds: 2, rows: 5, faults: [{ route: '*', status: 401, code: 'UNAUTHORIZED' }] });
    const refused = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Bad token' } });
    expect(await failureOf(refused.result())).toMatchObject({
      type: 'Unauthorized',
      message: expect.stringContaining('TITAN_TOKEN'),
    });

    place.emulator.setScenario({ seconds: 2, rows: 5 });
    const paid = await place.titanflow.runTask(randomUUID(), { task: { ...PRODUCT_TASK, name: 'Rotated' } });
    await vi.waitFor(() => expect(place.executionsOf('Rotated')).toHaveLength(1), 20_000);
    place.emulator.setScenario({ faults: [{ route: '*', status: 401, code: 'UNAUTHORIZED', count: 2 }] });
    expect(await paid.result()).toMatchObject({ status: 'completed' });
  });
});

describe('a store that is out of reach', () => {
  it('when the rows are ready is waited for, and loaded once when it is back', async () => {
    place.emulator.setScenario({ seconds: 2, rows: 5 });
    const task = { ...PRODUCT_TASK, name: 'Store is down' };
    const publish = [{ store: 'warehouse', table: 'late', mode: 'append' }] as const;
    const { result, workflowId } = await place.titanflow.runTask(randomUUID(), { task, publish });
    await vi.waitFor(() => expect(place.executionsOf('Store is down')).toHaveLength(1), 20_000);
    await proxy.cut();
    await vi.waitFor(
      async () => expect(troubles(await readProgress(place.client, workflowId)).join()).toContain('Postgres at'),
      30_000,
    );
    await proxy.restore();
    const done = await result();
    expect(done.published).toMatchObject([{ store: 'warehouse', rows: 5, inserted: 5 }]);
    expect(await query('SELECT count(*)::int AS rows FROM late')).toEqual([{ rows: done.export.records }]);
    expect(await query('SELECT rows::int FROM titanflow.receipts')).toEqual([{ rows: 5 }]);
  });

  it('before the run is paid for keeps it from being sent', async () => {
    await proxy.cut();
    const task = { ...PRODUCT_TASK, name: 'Never sent' };
    const publish = [{ store: 'warehouse', table: 'late', mode: 'append' }] as const;
    const { result } = await place.titanflow.runTask(randomUUID(), { task, publish, giveUpAfter: '2 seconds' });
    expect(await failureOf(result())).toMatchObject({ type: 'StoreUnavailable' });
    expect(place.executionsOf('Never sent')).toEqual([]);
    await proxy.restore();
  });
});
