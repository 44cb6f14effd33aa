import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openEmulator } from './open-emulator.js';

const DONE = { scenario: { seconds: 0, rows: 3 } };

describe('results', () => {
  it('are described before and after the end', async () => {
    const { call, run, emulator } = await openEmulator({ scenario: { seconds: 3600 } });
    const live = await run();
    expect((await call('GET', `/executions/${live}/results`)).data).toMatchObject({ available: false });
    emulator.setScenario(DONE.scenario);
    const done = await run();
    expect((await call('GET', `/executions/${done}/results`)).data).toMatchObject({
      execution_id: done,
      available: true,
      formats: ['json', 'csv'],
      row_count: 3,
    });
  });

  it('are exported as a bare JSON array, in a file of its own', async () => {
    const { call, run } = await openEmulator(DONE);
    const id = await run();
    const { status, headers, text } = await call('GET', `/executions/${id}/results/export`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="execution-${id}.json"`);
    expect(headers.get('x-ratelimit-remaining')).toBe('117');
    expect(JSON.parse(text)).toEqual(
      Array.from({ length: 3 }, () => ({ title: expect.any(String), price: expect.stringMatching(/^\d+\.\d\d$/) })),
    );
  });

  it.each(['download', 'export?format=csv'])('are CSV at %s', async (path) => {
    const { call, run } = await openEmulator(DONE);
    const { headers, text } = await call('GET', `/executions/${await run()}/results/${path}`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment; .*\.csv"$/);
    expect(text.split('\r\n')).toHaveLength(5);
    expect(text).toMatch(/^title,price\r\n/);
  });

  it('are refused with the envelope until the execution has ended', async () => {
    const { call, run } = await openEmulator({ scenario: { seconds: 0, status: 'archiving' } });
    const id = await run();
    for (const path of ['export', 'download']) {
      const { status, error } = await call('GET', `/executions/${id}/results/${path}`);
      expect([status, error.code]).toEqual([409, 'CONFLICT']);
    }
  });

  it.each(['/executions/none/results', '/executions/none/results/export'])('are not found at %s', async (path) => {
    const { call } = await openEmulator();
    expect((await call('GET', path)).error.code).toBe('NOT_FOUND');
  });

  it('are refused in a format that nobody knows', async () => {
    const { call, run } = await openEmulator(DONE);
    const { status, error } = await call('GET', `/executions/${await run()}/results/export?format=xml`);
    expect([status, error.message]).toEqual([400, 'format: must be json or csv']);
  });

  it('are the same for every execution of a task, also after the task was changed', async () => {
    const { call, task } = await openEmulator(DONE);
    const taskId = await task();
    const exported = async (): Promise<string> => {
      const { data } = await call('POST', `/tasks/${taskId}/run`);
      return (await call('GET', `/executions/${(data as { id: string }).id}/results/export`)).text;
    };
    const first = await exported();
    expect(await exported()).toBe(first);
    const { data } = await call('POST', `/tasks/${taskId}/run`);
    await call('PATCH', `/tasks/${taskId}`, { objective: 'something else' });
    expect((await call('GET', `/executions/${(data as { id: string }).id}/results/export`)).text).toBe(first);
    expect(await exported()).not.toBe(first);
  });

  it('are a file of the user, as it lies on the disk, where the scenario names one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'titanflow-emulator-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const [own, packed] = [join(directory, 'own.csv'), join(directory, 'own.json.gz')];
    const bytes = randomBytes(700_001);
    await Promise.all([writeFile(own, 'a,b\n1,2\n'), writeFile(packed, bytes)]);
    const scenario = { seconds: 0, rows: 7, file: own, tasks: [{ name: 'Packed', file: packed }] };
    const { emulator, call, run } = await openEmulator({ scenario });

    const id = await run();
    const { text, headers } = await call('GET', `/executions/${id}/results/export`);
    expect([text, headers.get('content-type'), headers.get('content-length')]).toEqual([
      'a,b\n1,2\n',
      'text/csv; charset=utf-8',
      '8',
    ]);
    expect((await call('GET', `/executions/${id}/results`)).data).toMatchObject({ row_count: 7 });
    const response = await fetch(
      `${emulator.url}/api/v1/executions/${await run({ name: 'Packed' })}/results/download`,
      { headers: { authorization: 'Bearer any' } },
    );
    expect(response.headers.get('content-type')).toBe('application/gzip');
    expect(bytes.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);

    await rm(own);
    expect((await call('GET', `/executions/${id}/results/export`)).error.message).toContain('own.csv is gone');
  });

  it('are no file of this machine for somebody who changes the scenario from outside', async () => {
    const { call } = await openEmulator(DONE);
    for (const scenario of [{ file: 'package.json' }, { tasks: [{ name: 'x', file: 'package.json' }] }]) {
      const { status, error } = await call('PUT', '/__scenario', scenario);
      expect([status, error.message]).toEqual([400, 'scenario: file: only at the start, from the scenario file']);
    }
  });

  it('of ten million rows begin at once and end when the reader goes', async () => {
    const { emulator, run } = await openEmulator({ scenario: { seconds: 0, rows: 10_000_000 } });
    const id = await run();
    const reading = new AbortController();
    const response = await fetch(`${emulator.url}/api/v1/executions/${id}/results/export`, {
      headers: { authorization: 'Bearer any' },
      signal: reading.signal,
    });
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toMatch(/^\[\n\{/);
    reading.abort();
    expect(emulator.ledger().executions).toMatchObject([{ id, rows: 10_000_000, exports: 1 }]);
  });
});
