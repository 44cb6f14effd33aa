import type { RequestListener } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { outcomeOfFailedRun } from '../../src/task-service/run-outcome.js';
import { TaskServiceError } from '../../src/task-service/task-service-error.js';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import { answering, failureOf, servers, serviceThat, urlOf } from './service-that.js';

describe('the outcome of a run call', () => {
  it('is accepted when the envelope carries an execution', async () => {
    const service = await serviceThat(answering(202, '{"success":true,"data":{"id":"e1","status":"queued","new":1}}'));
    await expect(service.tasks.run('t1')).resolves.toMatchObject({ id: 'e1', status: 'queued', new: 1 });
  });

  it('is not sent when nobody listens', async () => {
    const service = await serviceThat(() => undefined);
    servers.splice(0).map((server) => server.close());
    expect(outcomeOfFailedRun(await failureOf(service.tasks.run('t1')))).toEqual({ kind: 'not sent' });
  });

  const ENVELOPE = '{"success":false,"error":{"code":"NO","message":"no"}}';

  it.each([400, 401, 402, 403, 404, 409, 422])("is refused on the service's own %d", async (status) => {
    const service = await serviceThat(answering(status, ENVELOPE));
    const error = await failureOf(service.tasks.run('t1'));
    expect(error).toMatchObject({ method: 'POST', path: '/api/v1/tasks/t1/run', status, code: 'NO' });
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'refused' });
  });

  it('is refused on a 429 of the limiter, which says when its window ends', async () => {
    const headers = { 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 5) };
    const service = await serviceThat(answering(429, ENVELOPE, headers));
    const error = await failureOf(service.tasks.run('t1'));
    expect(error).toMatchObject({ isEnvelope: true, mayHaveTakenEffect: false });
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'refused' });
  });

  it.each([
    ['a 429 that does not say how long to wait', 429, ENVELOPE],
    ['a 408', 408, ENVELOPE],
    ['a 200 that says no', 200, ENVELOPE],
    ['a 200 without an id', 200, '{"success":true,"data":{"status":"queued"}}'],
    ['a 200 with nothing in it', 200, '{}'],
    ['a 200 without a body', 200, ''],
    ['a 204', 204, ''],
    ['a redirect', 303, ''],
    ['a redirect in an envelope', 307, ENVELOPE],
    ["a gateway's 400 page", 400, '<html>bad request</html>'],
    ["a gateway's 401", 401, '{"message":"Unauthorized"}'],
    ["a gateway's empty 403", 403, ''],
    ["a gateway's 404 text", 404, 'default backend - 404'],
    ["a gateway's 404 in JSON", 404, '{"error":"not found"}'],
    ["a gateway's 404 in JSON of another kind", 404, '{"success":false,"errors":[{"code":7003}]}'],
    ["a gateway's 429 text", 429, 'slow down'],
    ['a 4xx that says all is well', 409, '{"success":true,"data":null}'],
  ])('is unknown on %s', async (_, status, body) => {
    const service = await serviceThat(answering(status, body, { 'content-type': 'text/plain' }));
    const error = await failureOf(service.tasks.run('t1'));
    expect(error).toMatchObject({ mayHaveTakenEffect: true });
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'unknown' });
  });

  it.each([500, 502, 503, 504])('is unknown on a %d, even from a gateway that speaks HTML', async (status) => {
    const service = await serviceThat(answering(status, '<html>oops</html>'));
    expect(outcomeOfFailedRun(await failureOf(service.tasks.run('t1')))).toEqual({ kind: 'unknown' });
  });

  it('is unknown when the connection breaks before the answer', async () => {
    const service = await serviceThat((request) => request.socket.destroy());
    expect(outcomeOfFailedRun(await failureOf(service.tasks.run('t1')))).toEqual({ kind: 'unknown' });
  });

  it('is unknown when the answer breaks off in the middle', async () => {
    const service = await serviceThat((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"success":true,');
      setImmediate(() => response.destroy());
    });
    expect(outcomeOfFailedRun(await failureOf(service.tasks.run('t1')))).toEqual({ kind: 'unknown' });
  });

  it('is unknown when no answer comes in time', async () => {
    const service = await serviceThat(() => undefined, { timeoutMs: 50 });
    const error = await failureOf(service.tasks.run('t1'));
    expect(error.message).toContain('no answer in time');
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'unknown' });
  });

  it('is unknown when a 200 is not the envelope', async () => {
    const service = await serviceThat(answering(200, 'fine'));
    expect(outcomeOfFailedRun(await failureOf(service.tasks.run('t1')))).toEqual({ kind: 'unknown' });
  });

  it.each([
    '{"success":false,"error":{"code":"TOO_MANY_REQUESTS","message":"slow down","run_id":"e9"}}',
    '{"success":false,"error":{"code":"X","message":"x"},"data":{"id":"e9","status":"queued"}}',
    '{"success":false,"error":{"code":"X","message":"x","details":{"execution_id":"e9"}}}',
  ])('is accepted when a rate-limit answer carries a live execution: %s', async (body) => {
    const service = await serviceThat(answering(429, body));
    expect(outcomeOfFailedRun(await failureOf(service.tasks.run('t1')))).toEqual({
      kind: 'accepted',
      executionId: 'e9',
    });
  });
});

describe('every call', () => {
  it('sends a bearer token, or the key in its own header', async () => {
    const seen: unknown[] = [];
    const listener: RequestListener = (request, response) => {
      seen.push([request.headers.authorization, request.headers['x-api-key']]);
      response.end('{"success":true,"data":{"id":"t1","status":"active"}}');
    };
    const service = await serviceThat(listener);
    await service.tasks.get('t1');
    await createTaskService({ url: urlOf(servers[0]), token: 'k', auth: 'x-api-key' }).tasks.get('t1');
    expect(seen).toEqual([
      ['Bearer secret-token', undefined],
      [undefined, 'k'],
    ]);
  });

  it('refuses a redirect, so that the token stays with its host', async () => {
    let elsewhere = 0;
    await serviceThat((_, response) => {
      elsewhere++;
      response.end();
    });
    const elsewhereUrl = urlOf(servers[0]).replace('//', '//user:pass-9@');
    const location = `${elsewhereUrl}/login?token=secret-token#secret-token`;
    const service = await serviceThat(answering(307, '', { location }));
    const error = await failureOf(service.tasks.get('t1'));
    expect(error.message).toContain(`redirected to ${urlOf(servers[0])}/login, which is not followed`);
    expect(error.message).toMatch(/set TITAN_API_URL to the right origin$/);
    expect(error.message).not.toMatch(/secret-token|pass-9/);
    expect(elsewhere).toBe(0);
  });

  it('checks the envelope even when the status says all is well', async () => {
    const service = await serviceThat(answering(200, '{"success":false,"error":{"code":"BAD","message":"bad thing"}}'));
    const error = await failureOf(service.tasks.get('t1'));
    expect(error.message).toBe('GET /api/v1/tasks/t1: 200 BAD: bad thing');
  });

  it('escapes ids, and takes no id that would leave the route', async () => {
    const seen: (string | undefined)[] = [];
    const service = await serviceThat((request, response) => {
      seen.push(request.url);
      response.end('{"success":true,"data":{"id":"a/../b?c#d","status":"active"}}');
    });
    await service.executions.get('a/../b?c#d');
    await expect(service.executions.get('..')).rejects.toThrow('is not an id');
    expect(seen).toEqual(['/api/v1/executions/a%2F..%2Fb%3Fc%23d']);
  });

  it('takes an empty 204 on control routes', async () => {
    const service = await serviceThat(answering(204, ''));
    await expect(service.executions.stop('e1')).resolves.toBeUndefined();
  });

  it('tells how long a 429 wants silence, by the clock of the service', async () => {
    const date = new Date('2026-01-01T00:00:00Z');
    const reset = String(date.getTime() / 1000 + 30);
    const headers = { date: date.toUTCString(), 'x-ratelimit-reset': reset };
    const service = await serviceThat(answering(429, '', headers));
    expect((await failureOf(service.tasks.get('t1'))).retryAfterMs).toBe(30_000);
  });
});

describe('a list', () => {
  const execution = { id: 'e1', status: 'running' };

  it.each([
    [[execution]],
    [{ items: [execution], total: 1 }],
    [{ executions: [execution] }],
    [{ data: [execution], meta: { total: 1 } }],
  ])('is found wherever the service puts it: %j', async (data) => {
    const service = await serviceThat(answering(200, JSON.stringify({ success: true, data })));
    await expect(service.executions.ofTask('t1', { limit: 5 })).resolves.toMatchObject([execution]);
  });

  it('keeps the good elements when one is unreadable', async () => {
    const body = JSON.stringify({ success: true, data: [{ nothing: true }, execution] });
    const service = await serviceThat(answering(200, body));
    await expect(service.executions.list({})).resolves.toMatchObject([execution]);
  });
});

describe('an export', () => {
  async function read(service: TaskService): Promise<string> {
    const { chunks } = await service.results.export('e1', 'json');
    const parts: Buffer[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return Buffer.concat(parts).toString();
  }

  it('is streamed as raw bytes', async () => {
    const service = await serviceThat(
      answering(200, '[1,2]', { 'content-disposition': 'attachment; filename="../x"' }),
    );
    await expect(read(service)).resolves.toBe('[1,2]');
  });

  it('fails with the envelope when there is one in place of bytes', async () => {
    const body = '{"success":false,"error":{"code":"NOT_READY","message":"not completed"}}';
    const service = await serviceThat(answering(409, body));
    await expect(service.results.export('e1', 'json')).rejects.toThrow('409 NOT_READY: not completed');
  });

  it('fails when the body ends before its announced length', async () => {
    const service = await serviceThat((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('[1');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(read(service)).rejects.toThrow(TaskServiceError);
  });

  it('fails when nothing comes for a minute', async () => {
    const service = await serviceThat((_, response) => response.writeHead(200).write('[1'));
    const { chunks } = await service.results.export('e1', 'json');
    const reader = chunks[Symbol.asyncIterator]();
    expect(String((await reader.next()).value)).toBe('[1');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const failing = failureOf(reader.next());
      await vi.advanceTimersByTimeAsync(60_000);
      expect((await failing).message).toContain('broke off after 2 bytes: nothing came for a minute');
    } finally {
      vi.useRealTimers();
    }
  });
});
