import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createExporting, type ExportResultsInput } from '../../src/activities/export-results.js';
import { createTurns } from '../../src/activities/turns.js';
import { openLocalStaging } from '../../src/staging/local-staging.js';
import { createTaskService } from '../../src/task-service/task-service.js';
import { startServer } from '../helpers/http-server.js';
import { CANARY, filesBelow, readTable } from '../helpers/workplace.js';
import {
  activityEnvironment,
  closeLater,
  directoryOfTest,
  exportFrom,
  publish,
  serviceThatAnswers,
  serviceThatSends,
  staged,
  TURNS,
  useDirectory,
} from './export-workplace.js';

useDirectory();

async function expectRetry(url: string, type: string, told: string, input?: Partial<ExportResultsInput>) {
  const failure: unknown = await exportFrom(url, input).catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ type, nonRetryable: false, message: expect.stringContaining(told) });
  expect(await staged()).toEqual([]);
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const ROWS = '[{"a":1},{"a":2}]';

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
    ['a message', 200, '{"message":"later"}', 'ExportIncomplete', 'in place of rows came an object that has: message'],
    ['a null', 200, 'null', 'ExportIncomplete', 'the document is `null`'],
    ['UTF-16', 200, Buffer.from('\uFEFF[]', 'utf16le'), 'ExportIncomplete', 'UTF-16'],
    ['CSV in place of JSON', 200, 'a,b\r\n1,2\r\n', 'ExportIncomplete', 'no array and no object'],
  ])('%s', async (_, status, body, type, told) => {
    await expectRetry(await serviceThatAnswers(body, {}, status), type, told);
  });

  it('an error that has the keys of a row, where the rows have them too, is a row', async () => {
    const task = { name: 'Errors', output_schema: { properties: { success: {}, error: {} } } };
    const knownTasks = { find: async () => ({ name: 'Errors', schema: task.output_schema }) };
    const url = await serviceThatAnswers('{"success":false,"error":"none found"}');
    const service = createTaskService({ url, token: CANARY });
    const staging = await openLocalStaging(join(directoryOfTest(), 'staging'));
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
    closeLater(() => other.close());
    const url = await serviceThatAnswers('', { location: `${other.url}/file` }, 302);
    const { host } = new URL(other.url);
    await expectRetry(url, 'ExportIncomplete', `redirected to ${host}, which TITAN_EXPORT_HOSTS does not allow`);
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
    const path = (await filesBelow(join(directoryOfTest(), 'out'))).find((file) => file.endsWith('/e1.jsonl'));
    const lines = await readFile(path ?? '', 'utf8');
    expect(lines).toContain(`"price":0.${digits},`);
    expect(lines).toContain('"big":9007199254740993,');
    const table = await readTable(join(directoryOfTest(), 'out'), 'hostile');
    expect(table.map(({ name }) => name ?? null)).toEqual(['é€😀', '😀 "]}{[', null]);
  });

  it('is a reject where it is nested a hundred thousand levels deep', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const done = await exportFrom(await serviceThatAnswers(`[{"a":${deep}},{"a":1}]`));
    expect(done).toMatchObject({ export: { records: 2 }, rejected: 1 });
    expect(await publish(done)).toMatchObject({ rows: 1, rejected: 1 });
  });

  it('is a reject where it is a hundred megabytes long, and the others are there', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const server = await startServer((_, response) => {
      let sent = 0;
      response.write('[{"a":1},{"a":"');
      const more = (): void => {
        sent += 1;
        if (sent > 100) response.end('"},{"a":2}]');
        else if (response.write(megabyte)) more();
        else response.once('drain', more);
      };
      more();
    });
    closeLater(() => server.close());
    const before = process.memoryUsage().arrayBuffers;
    const done = await exportFrom(server.url);
    expect(done).toMatchObject({ export: { records: 3 }, rejected: 1 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * 1024 * 1024);
    expect(await publish(done)).toMatchObject({ records: 3, rows: 2, rejected: 1 });
    const rejects = (await filesBelow(join(directoryOfTest(), 'out'))).find((file) => file.includes('/_rejects/'));
    expect((await readFile(rejects ?? '', 'utf8')).length).toBeLessThan(70_000);
  });
});
