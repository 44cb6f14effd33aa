import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/activities.js';
import { createExporting, type ExportResultsInput, type StagedExport } from '../../src/activities/export-results.js';
import { createPublishing } from '../../src/activities/publish-rows.js';
import { createTurns } from '../../src/activities/turns.js';
import type { Publication, PublishReceipt } from '../../src/domain/run.js';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import { openStores } from '../../src/stores/open-stores.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { startServer } from '../helpers/http-server.js';
import { CANARY, filesBelow, readTable } from '../helpers/workplace.js';

let directory: string;
const closes: (() => Promise<void>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-hostile-'));
});

afterEach(async () => {
  await Promise.all(closes.splice(0).map((close) => close()));
  await rm(directory, { recursive: true, force: true });
});

/** A service that sends exactly these bytes, piece by piece, and hangs up. */
async function serviceThatSends(...pieces: readonly (string | Buffer)[]): Promise<string> {
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => {
        for (const piece of pieces) socket.write(piece);
        socket.end();
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closes.push(async () => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serviceThatAnswers(
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Promise<string> {
  const server = await startServer((_, response) => response.writeHead(status, headers).end(body));
  closes.push(() => server.close());
  return server.url;
}

async function openActivities(url: string) {
  const dependencies = {
    service: createTaskService({ url, token: CANARY }),
    staging: await openLocalStaging(join(directory, 'staging')),
    stores: openStores({ local: { kind: 'files', directory: join(directory, 'out'), format: 'jsonl' } }),
    exportTurns: createTurns(TURNS),
    publishTurns: createTurns(TURNS),
  } as Partial<ActivityDependencies> as ActivityDependencies;
  return { ...createExporting(dependencies), ...createPublishing(dependencies) };
}

function activityEnvironment(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
}

async function exportFrom(url: string, input: Partial<ExportResultsInput> = {}): Promise<StagedExport> {
  const { exportResults } = await openActivities(url);
  return activityEnvironment().run(exportResults, { executionId: 'e1', ...input });
}

async function publish(staged: StagedExport): Promise<PublishReceipt> {
  const { publishRows } = await openActivities('http://127.0.0.1:1');
  const publication: Publication = { store: 'local', table: 'hostile', mode: 'append' };
  const at = '2026-01-01T00:00:00Z';
  return activityEnvironment().run(publishRows, { executionId: 'e1', staged, publication, at });
}

/** What is staged, but for the id of the place. */
async function staged(): Promise<string[]> {
  const files = await filesBelow(join(directory, 'staging'));
  return files.filter((path) => !path.endsWith('/id'));
}

async function expectRetry(url: string, type: string, told: string, input?: Partial<ExportResultsInput>) {
  const failure: unknown = await exportFrom(url, input).catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ type, nonRetryable: false, message: expect.stringContaining(told) });
  expect(await staged()).toEqual([]);
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const ROWS = '[{"a":1},{"a":2}]';
const TURNS = { atOnce: 4, ofOneGroup: 8, lockWaitsOfOneGroup: 4 };

describe('a download that is cut off is tried again, and leaves nothing', () => {
  const broke = ['ServiceUnavailable', 'the download broke off after'] as const;

  it.each([
    ['before its announced length', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{"a":1},'],
    ['before its announced length, whole by its looks', `HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n${ROWS}`],
    ['in the middle of a chunk', `${CHUNKED}ff\r\n[{"a":1},`],
    ['after a record', CHUNKED + chunk('[{"a":1},')],
    ['after the last chunk but one', CHUNKED + chunk(ROWS)],
  ])('%s', async (_, answer) => {
    await expectRetry(await serviceThatSends(answer), ...broke);
  });

  it.each(['a,b\r\n1,2\r\n', 'a,b\r\n1,2'])(
    'after a whole row of CSV, which has no end of its own: %j',
    async (csv) => {
      await expectRetry(await serviceThatSends(CHUNKED + chunk(csv)), ...broke, { format: 'csv' });
    },
  );

  it('after a whole line of NDJSON', async () => {
    await expectRetry(await serviceThatSends(CHUNKED + chunk('{"a":1}\n{"a":2}\n')), ...broke);
  });

  it('where CSV comes without a length and without chunks', async () => {
    const url = await serviceThatSends('HTTP/1.1 200 OK\r\n\r\na,b\r\n1,2\r\n');
    await expectRetry(url, 'ServiceUnavailable', 'nobody can tell whether CSV is whole; use format json', {
      format: 'csv',
    });
  });

  it('but JSON that comes so proves itself', async () => {
    const head = 'HTTP/1.1 200 OK\r\n\r\n';
    await expectRetry(await serviceThatSends(head, '[{"a":1},'), 'ExportIncomplete', 'cut off');
    expect(await exportFrom(await serviceThatSends(head, '[{"a"', ':1}]'))).toMatchObject({ export: { records: 1 } });
  });
});

describe('a compressed download', () => {
  const plain = { bytes: ROWS.length, records: 2, sha256: createHash('sha256').update(ROWS).digest('hex') };

  it.each([
    ['in transit', gzipSync(ROWS), { 'content-encoding': 'gzip' }],
    ['as a file', gzipSync(ROWS), { 'content-type': 'application/gzip' }],
    ['as a file that nobody calls compressed', gzipSync(ROWS), { 'content-type': 'application/json' }],
    ['both ways', gzipSync(gzipSync(ROWS)), { 'content-encoding': 'gzip', 'content-type': 'application/gzip' }],
    ['in two members', Buffer.concat([gzipSync(ROWS.slice(0, 5)), gzipSync(ROWS.slice(5))]), {}],
  ])('%s is staged as what it holds', async (_, body, headers) => {
    const url = await serviceThatAnswers(body, { 'content-length': String(body.length), ...headers });
    expect((await exportFrom(url)).export).toMatchObject(plain);
  });

  it.each([
    ['cut off', gzipSync(ROWS).subarray(0, -1)],
    ['followed by something', Buffer.concat([gzipSync(ROWS), Buffer.from('and more')])],
  ])('that is %s is tried again', async (_, body) => {
    await expectRetry(await serviceThatAnswers(body), 'ExportIncomplete', 'compressed with gzip and not whole');
    await expectRetry(await serviceThatAnswers(body, { 'content-encoding': 'gzip' }), 'ExportIncomplete', 'not whole');
  });

  it('in a way that was not asked for is tried again', async () => {
    const url = await serviceThatAnswers(brotliCompressSync(ROWS), { 'content-encoding': 'br' });
    await expectRetry(url, 'ServiceUnavailable', 'encoded as br');
  });

  it('with a reason in place of rows says the reason', async () => {
    const body = gzipSync('{"success":false,"error":{"code":"BUSY","message":"later"}}');
    await expectRetry(
      await serviceThatAnswers(body, { 'content-encoding': 'gzip' }, 503),
      'ServiceUnavailable',
      '503 BUSY: later',
    );
  });
});

describe('something else in place of rows is asked for again', () => {
  it.each([
    [
      'results that are not ready',
      409,
      '{"success":false,"error":{"code":"NOT_READY","message":"not yet"}}',
      'ExportIncomplete',
      'not yet',
    ],
    [
      'results that nobody knows yet',
      404,
      '{"success":false,"error":{"message":"no results"}}',
      'ExportIncomplete',
      'no results',
    ],
    ['a gateway', 502, '<html>Bad Gateway</html>', 'ServiceUnavailable', '502'],
    ['a page', 200, '<!doctype html><html></html>', 'ExportIncomplete', 'HTML or XML'],
    [
      'an error with a good status',
      200,
      '{"success":false,"error":{"code":"X","message":"y"}}',
      'ExportIncomplete',
      'an error of the service',
    ],
    ['nothing', 200, '', 'ExportIncomplete', 'empty'],
    ['nothing, on purpose', 204, '', 'ExportIncomplete', 'empty'],
    ['half of an array', 200, '[{"a":1}', 'ExportIncomplete', 'cut off'],
    ['bytes that are no UTF-8', 200, Buffer.from('["\xff"]', 'latin1'), 'ExportIncomplete', 'UTF-8'],
    ['CSV in place of JSON', 200, 'a,b\r\n1,2\r\n', 'ExportIncomplete', 'no array and no object'],
  ])('%s', async (_, status, body, type, told) => {
    await expectRetry(await serviceThatAnswers(body, {}, status), type, told);
  });

  it('an error that has the keys of a row, where the rows have them too, is a row', async () => {
    const task = { name: 'Errors', output_schema: { properties: { success: {}, error: {} } } };
    const knownTasks = { find: async () => ({ name: 'Errors', schema: task.output_schema }) };
    const url = await serviceThatAnswers('{"success":false,"error":"none found"}');
    const service = createTaskService({ url, token: CANARY });
    const staging = await openLocalStaging(join(directory, 'staging'));
    const { exportResults } = createExporting({
      service,
      knownTasks,
      staging,
      exportTurns: createTurns(TURNS),
    } as never);
    const done = await activityEnvironment().run(exportResults, { executionId: 'e1', task: { id: 't' } });
    expect(done).toMatchObject({ export: { records: 1 }, rejected: 0 });
  });

  it('a redirect, which is not followed: the token stays with its host', async () => {
    const asked: IncomingHttpHeaders[] = [];
    const other = await startServer((request, response) => {
      asked.push(request.headers);
      response.end(ROWS);
    });
    closes.push(() => other.close());
    const url = await serviceThatAnswers('', { location: `${other.url}/file` }, 302);
    await expectRetry(url, 'ServiceUnavailable', `redirected to ${other.url}/file, which is not followed`);
    expect(asked).toEqual([]);
  });
});

describe('what is read by its content', () => {
  it('is JSON under a wrong type, and in place of CSV', async () => {
    expect(await exportFrom(await serviceThatAnswers(ROWS, { 'content-type': 'text/html' }))).toMatchObject({
      export: { records: 2 },
    });
    expect(await exportFrom(await serviceThatAnswers(ROWS), { format: 'csv' })).toMatchObject({
      export: { records: 2, format: 'csv' },
    });
  });

  it('is every digit, key and letter, in whatever pieces it comes', async () => {
    const digits = '1234567890'.repeat(40);
    const rows = [
      `{"id":1,"price":0.${digits},"big":9007199254740993,"__proto__":{"x":1},"name":"é€😀"}`,
      '{"id":2,"id":3,"name":"\\ud83d\\ude00 \\"]}{["}',
      '{"id":4,"name":"\\ud800"}',
      '{"id":5,"name":"a\\u0000"}',
      `{"id":7,"price":${digits}}`,
      '{"id":6,"constructor":null,"toString":"x","":0}',
    ];
    const bytes = Buffer.from(`\uFEFF[${rows.join(' ,\n')}]\n`);
    const pieces = Array.from(bytes, (byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]),
    );
    const url = await serviceThatSends(CHUNKED, ...pieces, '0\r\n\r\n');
    const done = await exportFrom(url);
    expect(done).toMatchObject({ export: { records: 6, bytes: bytes.length }, rejected: 3 });
    await publish(done);
    const path = (await filesBelow(join(directory, 'out'))).find((file) => file.endsWith('/e1.jsonl'));
    const lines = await readFile(path ?? '', 'utf8');
    expect(lines).toContain(`"price":0.${digits},`);
    expect(lines).toContain('"big":9007199254740993,');
    const table = await readTable(join(directory, 'out'), 'hostile');
    expect(table.map(({ name }) => name ?? null)).toEqual(['é€😀', '😀 "]}{[', null]);
  });

  it('is a reject where it is nested a hundred thousand levels deep', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const done = await exportFrom(await serviceThatAnswers(`[{"a":${deep}},{"a":1}]`));
    expect(done).toMatchObject({ export: { records: 2 }, rejected: 1 });
    expect(await publish(done)).toMatchObject({ rows: 1, rejected: 1 });
  });

  it('but no record of a hundred megabytes', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    const server = await startServer((_, response) => {
      response.write('[{"a":"');
      const more = (): void => {
        while (sent < 100 && response.write(megabyte)) sent += 1;
        if (sent < 100) response.once('drain', more);
        else response.end('"}]');
      };
      more();
    });
    closes.push(() => server.close());
    await expect(exportFrom(server.url)).rejects.toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message: expect.stringContaining('record 0 is longer than'),
    });
    expect(sent).toBeLessThan(40);
    expect(await staged()).toEqual([]);
  });
});
