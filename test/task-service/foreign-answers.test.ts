import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createForeignText } from '../../src/domain/foreign-text.js';
import { outcomeOfFailedRun } from '../../src/task-service/run-outcome.js';
import type { TaskService } from '../../src/task-service/task-service.js';
import { errorText } from '../../src/task-service/wire.js';
import { answering, failureOf, serviceThat } from './service-that.js';

describe('a text of the service', () => {
  const long = 'x'.repeat(50_000);
  const foreignText = createForeignText(['secret-token']);

  it.each([
    ['a message', 400, JSON.stringify({ success: false, error: { code: 'BAD', message: `secret-token ${long}` } }), {}],
    ['a code', 400, JSON.stringify({ success: false, error: { code: `secret-token ${long}`, message: 'no' } }), {}],
    ['the message of a 200', 200, JSON.stringify({ success: false, error: { message: `secret-token ${long}` } }), {}],
    ["a gateway's error", 404, JSON.stringify({ error: `secret-token ${long}` }), {}],
    ['where a redirect leads', 302, '', { location: `https://elsewhere.example/secret-token/${'x'.repeat(9_000)}` }],
    ['a content type', 404, 'no', { 'content-type': `text/secret-token${'x'.repeat(9_000)}` }],
  ])('is masked and cut: %s', async (_, status, body, headers) => {
    const service = await serviceThat(answering(status, body, headers), { foreignText });
    const { message } = await failureOf(service.tasks.get('t1'));
    expect(message).not.toContain('secret-token');
    expect(message).toContain('***');
    expect(message).toMatch(/… \(\d+ more bytes\)/);
    expect(message.length).toBeLessThan(2_500);
  });

  it('is masked and cut where it stands in an execution', async () => {
    const execution = {
      id: 'e1',
      status: `secret-token ${long}`,
      error: { message: `secret-token ${long}`, rows: [1] },
    };
    const service = await serviceThat(
      (request, response) =>
        void response.end(
          JSON.stringify({ success: true, data: request.url?.endsWith('e1') === true ? execution : [execution] }),
        ),
      { foreignText },
    );
    const seen = [
      await service.executions.get('e1'),
      ...(await service.executions.list({})),
      ...(await service.executions.ofTask('t1', {})),
    ];
    expect(seen).toHaveLength(3);
    for (const one of seen) {
      expect(one.status).toMatch(/^\*\*\* x+… \(\d+ more bytes\)$/);
      expect(errorText(one)).toMatch(/^\*\*\* x+… \(\d+ more bytes\)$/);
      expect(JSON.stringify(one).length).toBeLessThan(5_000);
    }
  });

  it('that encodes an export in an unknown way is masked and cut', async () => {
    const headers = { 'content-encoding': `secret-token${'x'.repeat(9_000)}` };
    const service = await serviceThat(answering(200, '[]', headers), { foreignText });
    await expect(service.results.export('e1', 'json')).rejects.toThrow(/encoded as \*\*\*x+… \(\d+ more bytes\)/);
  });

  it('about results has the plain values of telling names, and no row', async () => {
    const row = { title: 'Row data' };
    const data = {
      status: 'processing',
      format: 'json',
      row_count: 0,
      ready: false,
      sample_rows: [row],
      preview: 'Row data',
      last_state: 'y'.repeat(90),
    };
    const service = await serviceThat(answering(200, JSON.stringify({ success: true, data })));
    await expect(service.results.describe('e1')).resolves.toBe(
      'status = processing, format = json, row_count = 0, ready = false',
    );
  });
});

describe('an answer that is too long', () => {
  const MB = 2 ** 20;
  const bomb = (bytes: number) => gzipSync(Buffer.from(`{"success":true,"data":"${' '.repeat(bytes)}"}`));

  it('is not read any further, although it came small', async () => {
    const body = bomb(100 * MB);
    expect(body.length).toBeLessThan(MB);
    const service = await serviceThat((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    });
    const error = await failureOf(service.tasks.run('t1'));
    expect(error.message).toContain('the answer is longer than 16 MB and was not read any further');
    expect(outcomeOfFailedRun(error)).toEqual({ kind: 'unknown' });
  });

  it('and refuses counts as that of a gateway', async () => {
    const body = bomb(100 * MB);
    for (const ask of [(s: TaskService) => s.tasks.get('t1'), (s: TaskService) => s.results.export('e1', 'json')]) {
      const service = await serviceThat((_, response) => {
        response.writeHead(404, { 'content-encoding': 'gzip' }).end(body);
      });
      expect(await failureOf(ask(service))).toMatchObject({ status: 404, isEnvelope: false });
    }
  });

  it('in its headers is none', async () => {
    const service = await serviceThat(answering(200, '{}', { 'x-long': 'x'.repeat(100_000) }));
    for (const ask of [() => service.tasks.run('t1'), () => service.results.export('e1', 'json')]) {
      expect(await failureOf(ask())).toMatchObject({ status: undefined, mayHaveTakenEffect: true });
    }
  });

  it.each(['{}', '{"id":""}'])('for want of anything but %s is no list', async (element) => {
    const elements = Array.from({ length: 500_000 }, () => element).join(',');
    const service = await serviceThat(answering(200, `{"success":true,"data":[${elements}]}`));
    expect((await failureOf(service.executions.list({}))).message).toContain('one of more than 50,000 elements');
  });

  it('in a way that a list may be is read', async () => {
    const data = Array.from({ length: 30_000 }, (_, index) => ({
      id: `e${index}`,
      status: 'running',
      note: 'x'.repeat(200),
    }));
    const service = await serviceThat(answering(200, JSON.stringify({ success: true, data })));
    await expect(service.executions.list({})).resolves.toHaveLength(30_000);
  });
});
