import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/emulator/emulator.js';
import { busiestWindows } from '../helpers/busiest-windows.js';
import { DEFINITION, openEmulator } from './open-emulator.js';

describe('the emulator', () => {
  it.each([
    [{}, 401],
    [{ authorization: 'Bearer ' }, 401],
    [{ authorization: 'Basic abc' }, 401],
    [{ authorization: 'Bearer abc' }, 200],
    [{ 'x-api-key': 'abc' }, 200],
  ])('answers %j with %i', async (headers: Record<string, string>, expected) => {
    const { call } = await openEmulator();
    const { status, error } = await call('GET', '/tasks', undefined, headers);
    expect(status).toBe(expected);
    expect(error?.code).toBe(expected === 401 ? 'UNAUTHORIZED' : undefined);
  });

  it('takes one credential only where it is told which', async () => {
    const { call } = await openEmulator({ token: 'right' });
    expect((await call('GET', '/tasks', undefined, { authorization: 'Bearer right' })).status).toBe(200);
    expect((await call('GET', '/tasks', undefined, { 'x-api-key': 'right' })).status).toBe(200);
    expect((await call('GET', '/tasks', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it('counts requests down in headers and refuses what is too much, with the second of the reset', async () => {
    const now = (): number => Date.parse('2026-01-01T12:00:20Z');
    const { call, emulator } = await openEmulator({ requestsPerMinute: 2, now });
    const first = await call('GET', '/tasks');
    expect(first.headers.get('x-ratelimit-limit')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
    expect(first.headers.get('x-ratelimit-reset')).toBeNull();
    const missing = await call('GET', '/tasks/none');
    expect(missing.headers.get('x-ratelimit-limit')).toBeNull();
    const refused = await call('POST', '/tasks', DEFINITION);
    expect([refused.status, refused.error.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('x-ratelimit-limit')).toBe('2');
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBe(Date.parse('2026-01-01T12:01:00Z') / 1000);
    expect(emulator.ledger().counts).toEqual({ 'GET /tasks': 1, 'GET /tasks/:id': 1, 'POST /tasks': 1 });
    expect((await call('GET', '/__health', undefined, {})).text).toBe('{"status":"ok"}');
  });

  it('changes its limit while it runs, by a call or by the scenario', async () => {
    const { call, emulator } = await openEmulator({ rateLimit: { windowSeconds: 3600 }, now: () => 1000 });
    const shown = async (): Promise<string | null> =>
      (await call('GET', '/tasks')).headers.get('x-ratelimit-remaining');
    expect(await shown()).toBe('119');
    emulator.setRateLimit({ limit: 2 });
    expect(await shown()).toBe('1');
    emulator.setScenario({ seconds: 1 });
    expect(await shown()).toBe('0');
    expect((await call('PUT', '/__scenario', { rateLimit: { limit: 7, headers: false } }, {})).status).toBe(200);
    expect(await shown()).toBeNull();
    emulator.setScenario({ rateLimit: { headers: true } });
    expect(await shown()).toBe('6');
    expect(() => emulator.setRateLimit({ limit: -1 })).toThrow('limit');
  });

  it('has a clock that is wrong, where the scenario says so, in all that it says of the time', async () => {
    const now = Date.parse('2026-01-01T12:00:20Z');
    const { call, run, emulator } = await openEmulator({
      rateLimit: { limit: 3 },
      scenario: { clockSkewSeconds: -30, seconds: 0 },
      now: () => now,
    });
    const id = await run();
    const { data, headers } = await call('GET', `/executions/${id}`);
    expect(headers.get('date')).toBe('Thu, 01 Jan 2026 11:59:50 GMT');
    expect(data).toMatchObject({ created_at: '2026-01-01T11:59:50.000Z', finished_at: '2026-01-01T11:59:50.000Z' });
    const refused = await call('GET', '/tasks');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBe(Date.parse('2026-01-01T12:00:00Z') / 1000);
    expect(emulator.ledger()).toMatchObject({ executions: [{ createdAt: '2026-01-01T12:00:20.000Z' }] });
    emulator.setScenario({ rateLimit: { limit: 0 } });
    expect((await call('GET', `/executions/${id}`)).data).toMatchObject({ created_at: '2026-01-01T12:00:20.000Z' });
  });

  it('says nothing of a limit where there is none', async () => {
    const { call } = await openEmulator({ requestsPerMinute: 0 });
    expect((await call('GET', '/tasks')).headers.get('x-ratelimit-limit')).toBeNull();
  });

  it('keeps a ledger of requests and executions, open to anyone', async () => {
    const { call, run, emulator } = await openEmulator({ scenario: { seconds: 0, rows: 4 } });
    const id = await run();
    await call('GET', `/executions/${id}/results/download?token=secret`);
    await call('GET', '/nowhere');
    const { data, text } = await call('GET', '/__ledger', undefined, {});
    expect(data).toBeUndefined();
    expect(JSON.parse(text)).toEqual(emulator.ledger());
    expect(emulator.ledger()).toMatchObject({
      startedAt: expect.any(String),
      counts: { 'POST /tasks': 1, 'POST /tasks/:id/run': 1, 'GET /executions/:id/results/download': 1, unknown: 1 },
      billed: 1,
      executions: [{ id, taskName: DEFINITION.name, status: 'completed', rows: 4, exports: 1 }],
    });
    expect(emulator.ledger().requests.at(-2)).toEqual({
      at: expect.any(String),
      method: 'GET',
      path: `/api/v1/executions/${id}/results/download`,
      route: 'GET /executions/:id/results/download',
      status: 200,
      admitted: true,
    });
  });

  it('tells in its ledger what the limit let in, from a clock to the millisecond, and how much it refused', async () => {
    let now = Date.parse('2026-01-01T12:00:59.990Z');
    const faults = [{ route: 'GET /tasks/:id', status: 429 }];
    const { call, emulator } = await openEmulator({
      requestsPerMinute: 2,
      scenario: { faults },
      keepRequests: 5,
      now: () => now,
    });
    await call('GET', '/tasks', undefined, {});
    for (const path of ['/tasks', '/tasks/none', '/tasks', '/tasks']) await call('GET', path);
    now += 10;
    await call('GET', '/tasks');
    const { requests, counts, limited } = emulator.ledger();
    expect(requests.map(({ status, admitted }) => [status, admitted])).toEqual([
      [200, true],
      [429, true],
      [429, false],
      [429, false],
      [200, true],
    ]);
    expect(requests.at(-1)?.at).toBe('2026-01-01T12:01:00.000Z');
    expect([limited, counts['GET /tasks']]).toEqual([2, 5]);
    expect(busiestWindows(requests, 60_000)).toEqual({ fixed: 2, sliding: 3 });
  });

  it('takes a new scenario while it runs, and refuses a wrong one', async () => {
    const { call, run } = await openEmulator();
    expect((await call('PUT', '/__scenario', { seconds: 0, status: 'failed' }, {})).status).toBe(200);
    expect((await call('GET', `/executions/${await run()}`)).data).toMatchObject({ status: 'failed' });
    const wrong = await call('PUT', '/__scenario', { second: 0 }, {});
    expect(wrong.status).toBe(400);
    expect(wrong.error.message).toContain('"second"');
    await expect(startEmulator({ scenario: { rows: -1 } })).rejects.toThrow('scenario: rows');
  });

  it('has other ids at every start', async () => {
    const [one, two] = [await openEmulator(), await openEmulator()];
    expect(await one.task()).not.toBe(await two.task());
  });

  it('ends open connections at once when it is closed, and may be closed twice', async () => {
    const emulator = await startEmulator();
    const socket = connect(emulator.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /__health HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    const ended = once(socket, 'close');
    await emulator.close();
    await ended;
    await emulator.close();
    await expect(fetch(emulator.url)).rejects.toThrow('fetch failed');
  });

  it('says so when its port is taken', async () => {
    const { emulator } = await openEmulator();
    await expect(startEmulator({ port: emulator.port })).rejects.toThrow('EADDRINUSE');
  });

  it('leaves the Request and Response of the process alone', async () => {
    const { Request: request, Response: response } = globalThis;
    await openEmulator();
    expect([globalThis.Request, globalThis.Response]).toEqual([request, response]);
  });
});
