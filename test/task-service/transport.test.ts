import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTaskService, type TaskService } from '../../src/task-service/task-service.js';
import { TaskServiceError } from '../../src/task-service/task-service-error.js';
import { outcomeOfFailedRun } from '../../src/task-service/run-outcome.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A service that answers exactly like this. */
async function serviceThat(answer: RequestListener, options: { timeoutMs?: number } = {}): Promise<TaskService> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return createTaskService({ url: urlOf(server), token: 'secret-token', ...options });
}

function urlOf(server: Server | undefined): string {
  const address = server?.address() as AddressInfo;
  return `http://127.0.0.1:${address.port}`;
}

function answering(status: number, body: string, headers: Record<string, string> = {}): RequestListener {
  return (_, response) => response.writeHead(status, headers).end(body);
}

async function failureOf(promise: Promise<unknown>): Promise<TaskServiceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TaskServiceError);
  return error as TaskServiceError;
}

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

  it.each([400, 401, 403, 404, 409, 422, 429])('is refused on a %d', async (status) => {
    const service = await serviceThat(answering(status, '{"success":false,"error":{"code":"NO","message":"no"}}'));
    const error = await failureOf(service.tasks.run('t1'));
    expect(error).toMatchObject({ method: 'POST', path: '/api/v1/tasks/t1/run', status, code: 'NO' });
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'refused' });
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
    const service = await serviceThat(answering(307, '', { location: `${urlOf(servers[0])}/api/v1/tasks/t1` }));
    const error = await failureOf(service.tasks.get('t1'));
    expect(error.message).toContain('redirected to');
    expect(error.message).not.toContain('secret-token');
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
      response.end('{"success":true,"data":{"id":"x","status":"active"}}');
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
