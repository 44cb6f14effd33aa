import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf as failureThatTemporalGets } from '../../src/activities/failures.js';
import { readExportHosts } from '../../src/task-service/export-hosts.js';
import type { ExportHosts } from '../../src/task-service/transport.js';
import type { TaskService } from '../../src/task-service/task-service.js';
import { answering, failureOf, servers, serviceThat, urlOf } from './service-that.js';

const ROWS = '[{"a":1},{"a":2}]';
const SIGNED = '/bucket/key-canary?X-Amz-Signature=signature-canary';

let seen: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[];
let files: string;
/** How the other host answers. */
let answer: RequestListener;

beforeEach(async () => {
  seen = [];
  answer = answering(200, ROWS, { 'content-type': 'application/json' });
  const server = createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    answer(request, response);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  files = urlOf(server);
});

afterEach(() => {
  seen = [];
});

function hosts(setting: string): ExportHosts {
  const allowed = readExportHosts(setting);
  if (typeof allowed === 'string') throw new Error(allowed);
  return { allowed, setting };
}

function redirecting(location: string | undefined, exportHosts?: ExportHosts, status = 302): Promise<TaskService> {
  const headers = location === undefined ? {} : { location };
  return serviceThat(answering(status, '<html>moved</html>', headers), { exportHosts });
}

async function exported(service: TaskService): Promise<string> {
  const { chunks } = await service.results.export('e1', 'json');
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}

async function refusalOf(service: TaskService) {
  const error = await failureOf(exported(service));
  expect(error.message).not.toContain('canary');
  return error;
}

describe('an export that lies at another host', () => {
  it.each([301, 302, 303, 307, 308])(
    'is fetched from there without the token where that is allowed: %d',
    async (status) => {
      const service = await redirecting(`${files}${SIGNED}`, hosts(new URL(files).host), status);
      expect(await exported(service)).toBe(ROWS);
      expect(seen).toMatchObject([{ url: SIGNED }]);
      expect(Object.keys(seen[0]?.headers ?? {}).toSorted()).toEqual(['accept-encoding', 'connection', 'host']);
      expect(JSON.stringify(seen)).not.toContain('secret-token');
    },
  );

  it('sends no key of its own header either', async () => {
    const auth = 'x-api-key';
    const service = await serviceThat(answering(302, '', { location: `${files}${SIGNED}` }), {
      auth,
      exportHosts: hosts('127.0.0.1'),
    });
    expect(await exported(service)).toBe(ROWS);
    expect(seen[0]?.headers).not.toHaveProperty(auth);
  });

  it('is left where it is where nobody allows the host, with the setting that would', async () => {
    const error = await refusalOf(await redirecting(`${files}${SIGNED}`));
    const { host } = new URL(files);
    expect(error.message).toBe(
      `GET /api/v1/executions/e1/results/export: 302: redirected to ${host}, which TITAN_EXPORT_HOSTS does not allow; to let exports be fetched from there, without the token, set TITAN_EXPORT_HOSTS=${host} and restart the workers`,
    );
    expect(seen).toEqual([]);
    const other = await refusalOf(await redirecting(`${files}${SIGNED}`, hosts('a.example,*.b.example')));
    expect(other.message).toContain(`set TITAN_EXPORT_HOSTS=a.example,*.b.example,${host} and`);
  });

  it('is asked for again within resultsWithin, and then by hand: nothing is lost', async () => {
    const error = await refusalOf(await redirecting(`${files}${SIGNED}`));
    const context = { paid: true, attempt: 5, triedForMs: 60_000 };
    expect(failureThatTemporalGets(error, context)).toMatchObject({ type: 'ExportIncomplete', nonRetryable: false });
    expect(failureThatTemporalGets(error, { ...context, resultsWithinMs: 1_000 })).toMatchObject({
      type: 'ExportIncomplete',
      nonRetryable: true,
      message: expect.stringMatching(/set TITAN_EXPORT_HOSTS=127\.0\.0\.1:\d+ .*; `titanflow retry execution\/[^`]+`/),
    });
  });

  it.each([
    ['no address', undefined, 'redirected to no address of http'],
    ['an empty address', '', 'redirected to no address of http'],
    ['an address of another kind', 'ftp://127.0.0.1/canary', 'redirected to no address of http'],
    ['what is no address', 'http://[canary', 'redirected to no address of http'],
    ['a user', 'http://canary:canary@127.0.0.1/x', 'with a user or a password in the address'],
  ])('is not looked for at %s', async (_, location, told) => {
    expect((await refusalOf(await redirecting(location, hosts('127.0.0.1')))).message).toContain(told);
    expect(seen).toEqual([]);
  });

  it('is not looked for at the address of the service itself, unless that is allowed', async () => {
    const error = await refusalOf(await redirecting('/login?canary'));
    expect(failureThatTemporalGets(error, { paid: true, attempt: 9, triedForMs: 3_600_000 })).toMatchObject({
      type: 'ServiceUnavailable',
      nonRetryable: false,
    });
  });

  it('judges each redirect of a chain, and follows only a few', async () => {
    answer = answering(302, '', { location: 'http://elsewhere.example/canary' });
    const service = await redirecting(`${files}${SIGNED}`, hosts('127.0.0.1'));
    expect((await refusalOf(service)).message).toContain('redirected to elsewhere.example, which');
    answer = answering(302, '', { location: '/again?canary' });
    expect((await refusalOf(service)).message).toContain('redirected more than 4 times');
    expect(seen).toHaveLength(1 + 4);
  });

  it.each([
    [403, 'ExportIncomplete'],
    [404, 'ExportIncomplete'],
    [503, 'ServiceUnavailable'],
    [429, 'ServiceUnavailable'],
  ])('is asked for anew at the service where the host answers %d', async (status, type) => {
    answer = answering(status, '<Error><Code>AccessDenied</Code><StringToSign>canary</StringToSign></Error>');
    const error = await refusalOf(await redirecting(`${files}${SIGNED}`, hosts('127.0.0.1')));
    expect(error.message).toContain(
      `where the service keeps the file, answered ${status}; the service is asked for a new address`,
    );
    expect(failureThatTemporalGets(error, { paid: true, attempt: 1 })).toMatchObject({ type, nonRetryable: false });
    answer = answering(200, ROWS);
    expect(await exported(await redirecting(`${files}${SIGNED}`, hosts('127.0.0.1')))).toBe(ROWS);
  });

  it('says which host cannot be reached', async () => {
    const error = await refusalOf(await redirecting('http://127.0.0.1:9/canary', hosts('127.0.0.1')));
    expect(error.message).toContain('127.0.0.1:9, where the service keeps the file: connect ECONNREFUSED');
  });

  it('is broken off where it is shorter than the host has said', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('[{"a":1}');
      setImmediate(() => response.destroy());
    };
    const error = await refusalOf(await redirecting(`${files}${SIGNED}`, hosts('127.0.0.1')));
    expect(error.message).toContain('the download broke off after 8 bytes');
  });
});

describe('any other call', () => {
  it('follows no redirect, whatever is allowed', async () => {
    const service = await redirecting(`${files}/canary`, hosts('127.0.0.1'));
    const error = await failureOf(service.tasks.get('t1'));
    expect(error.message).toContain('which is not followed so that the token stays where it belongs');
    expect(seen).toEqual([]);
  });
});
