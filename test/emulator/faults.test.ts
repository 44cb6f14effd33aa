import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { DEFINITION, openEmulator } from './open-emulator.js';

describe('a scripted fault', () => {
  it('refuses before any effect', async () => {
    const route = 'POST /tasks/:id/run' as const;
    const { call, task, emulator } = await openEmulator({
      scenario: { faults: [{ route, count: 1, message: 'later' }] },
    });
    const id = await task();
    const refused = await call('POST', `/tasks/${id}/run`);
    expect(refused.status).toBe(503);
    expect(refused.error).toEqual({ code: 'SERVICE_UNAVAILABLE', message: 'later' });
    expect(emulator.ledger().billed).toBe(0);
    expect(emulator.ledger().requests.at(-1)).toMatchObject({ route, status: 503, fault: 'refuse' });
    expect((await call('POST', `/tasks/${id}/run`)).status).toBe(201);
  });

  it('drops the connection after the effect', async () => {
    const route = 'POST /tasks/:id/run';
    const { call, task, emulator } = await openEmulator({ scenario: { faults: [{ route, kind: 'drop', count: 1 }] } });
    const id = await task();
    await expect(call('POST', `/tasks/${id}/run`)).rejects.toThrow('fetch failed');
    expect(emulator.ledger()).toMatchObject({ billed: 1, executions: [{ taskId: id }] });
    expect(emulator.ledger().requests.at(-1)).toMatchObject({ route, status: 201, fault: 'drop' });
    expect((await call('GET', `/tasks/${id}/executions`)).data).toHaveLength(1);
  });

  it.each([
    ['fail', 500, 'INTERNAL_SERVER_ERROR'],
    ['throttle', 429, 'TOO_MANY_REQUESTS'],
  ] as const)('answers otherwise after the effect: %s', async (kind, status, code) => {
    const route = 'POST /tasks/:id/run';
    const { call, task, emulator } = await openEmulator({ scenario: { faults: [{ route, kind, count: 1 }] } });
    const answer = await call('POST', `/tasks/${await task()}/run`);
    const { executions, faults } = emulator.ledger();
    expect([answer.status, answer.error.code]).toEqual([status, code]);
    expect(executions).toHaveLength(1);
    expect(answer.text.includes(executions[0]?.id ?? '')).toBe(kind === 'throttle');
    expect(faults).toEqual({ [kind]: 1 });
  });

  it('never answers, although the effect happens', async () => {
    const route = 'POST /tasks/:id/run';
    const { task, emulator } = await openEmulator({ scenario: { faults: [{ route, kind: 'hang', count: 1 }] } });
    const url = `${emulator.url}/api/v1/tasks/${await task()}/run`;
    const asked = fetch(url, { method: 'POST', headers: { 'x-api-key': 'any' }, signal: AbortSignal.timeout(500) });
    await expect(asked).rejects.toThrow('timeout');
    expect(emulator.ledger().billed).toBe(1);
  });

  it('answers late', async () => {
    const faults = [{ route: 'GET /tasks', kind: 'delay', delaySeconds: 0.3, count: 1 } as const];
    const { call } = await openEmulator({ scenario: { faults } });
    const from = performance.now();
    expect((await call('GET', '/tasks')).status).toBe(200);
    expect(performance.now() - from).toBeGreaterThan(250);
  });

  it('drops a file as well, without making it', async () => {
    const route = 'GET /executions/:id/results/export';
    const scenario = { seconds: 0, rows: 10_000_000, faults: [{ route, kind: 'drop' as const }] };
    const { call, run } = await openEmulator({ scenario });
    await expect(call('GET', `/executions/${await run()}/results/export`)).rejects.toThrow('fetch failed');
  });

  it.each([
    ['export', {}],
    ['download', {}],
    ['export', { file: 'package-lock.json' }],
  ])('cuts the file of %s in half, and ends the connection as if nothing were', async (path, own) => {
    const scenario = { seconds: 0, rows: 2000, ...own, faults: [{ route: '*', kind: 'truncate' as const, count: 1 }] };
    const { call, run, emulator } = await openEmulator({ scenario });
    const url = `/executions/${await run()}/results/${path}`;
    const raw = await rawGet(emulator.port, `/api/v1${url}`);
    expect(raw).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(raw).toMatch(/\r\ntransfer-encoding: chunked\r\n/i);
    expect(raw).toMatch(/\r\nconnection: close\r\n/i);
    // The chunk that would say "this is all" never comes.
    expect(raw).not.toMatch(/\r\n0\r\n\r\n$/);
    const whole = (await call('GET', url)).text;
    expect(raw.length / whole.length).toBeGreaterThan(0.45);
    expect(raw.length / whole.length).toBeLessThan(0.55);
    expect(emulator.ledger().requests.map(({ fault }) => fault)).toEqual([undefined, undefined, 'truncate', undefined]);
  });

  it('hits other requests when the scenario is set again', async () => {
    const scenario = { faults: [{ route: 'GET /tasks', status: 500, probability: 0.5 } as const] };
    const { call, emulator } = await openEmulator({ scenario });
    const hits = async (): Promise<boolean[]> => {
      const seen: boolean[] = [];
      while (seen.length < 20) seen.push((await call('GET', '/tasks')).status === 500);
      return seen;
    };
    const before = await hits();
    emulator.setScenario(scenario);
    const after = await hits();
    expect(before).toContain(true);
    expect(after).toContain(true);
    expect(after).not.toEqual(before);
  });

  it('hits requests that are let in, not those without a credential', async () => {
    const { call } = await openEmulator({ scenario: { faults: [{ route: '*', status: 500, count: 1 }] } });
    expect((await call('POST', '/tasks', DEFINITION, {})).status).toBe(401);
    const { status, error, headers } = await call('POST', '/tasks', DEFINITION);
    expect([status, error.code]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
    expect(headers.get('x-ratelimit-limit')).toBeNull();
  });
});

describe('a service that shows less than it has', () => {
  it('lists what was there a while ago, and gives what is asked for by id', async () => {
    const { call, run } = await openEmulator({ scenario: { listLagSeconds: 60 } });
    const id = await run();
    expect((await call('GET', '/executions')).data).toEqual([]);
    expect((await call('GET', '/tasks')).data).toEqual([]);
    expect((await call('GET', `/executions/${id}`)).status).toBe(200);
  });

  it('lists an execution once the lag is over, in the status of then', async () => {
    let now = Date.parse('2026-01-01T12:00:00Z');
    const { call, run } = await openEmulator({ scenario: { seconds: 10, listLagSeconds: 5 }, now: () => now });
    const id = await run();
    const listed = async () => (await call('GET', '/executions')).data as unknown[];
    now += 4999;
    expect(await listed()).toEqual([]);
    now += 1;
    expect(await listed()).toMatchObject([{ id, status: 'queued', updated_at: '2026-01-01T12:00:00.000Z' }]);
    await call('POST', `/executions/${id}/stop`);
    now += 4999;
    expect((await call('GET', `/executions/${id}`)).data).toMatchObject({ status: 'cancelled' });
    expect(await listed()).toMatchObject([{ id, status: 'running', results_available: false }]);
    now += 1;
    expect(await listed()).toMatchObject([{ id, status: 'cancelled', updated_at: '2026-01-01T12:00:05.000Z' }]);
  });

  it('says of nothing when it was', async () => {
    const { call, run } = await openEmulator({ scenario: { timestamps: false } });
    const id = await run();
    expect(Object.keys((await call('GET', `/executions/${id}`)).data)).toEqual([
      'id',
      'task_id',
      'status',
      'results_available',
    ]);
  });
});

/** All that the server sends until it ends the connection; a connection that breaks instead is an error. */
async function rawGet(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: emulator\r\nX-API-Key: any\r\n\r\n`);
  let received = '';
  socket.on('data', (text: string) => (received += text));
  await once(socket, 'end');
  return received;
}
