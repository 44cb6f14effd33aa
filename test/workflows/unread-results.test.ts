import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunTaskInput } from '../../src/domain/run.js';
import { runCli } from '../helpers/cli.js';
import { failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

const GOOD = '[{"sku":"a","price":1},{"sku":"b","price":2},{"sku":"c","price":3}]';
const BROKEN_CSV = 'sku,price,\na,1.5,\nb,2\n5" pipe,3,\nc,4,x\n"d,5,\ne,6,\n';

const DOCUMENTS = {
  cut: ['cut.json', '[{"sku":"a","price":1},'],
  message: ['message.json', '{"message":"Results are being prepared"}'],
  envelope: ['envelope.json', '{"success":true,"data":{"items":[{"sku":"a","price":1}]}}'],
  renamed: ['renamed.json', '[{"SKU":"a","Price":1},{"SKU":"b","Price":2}]'],
  numbers: ['numbers.json', '[{"sku":"a","price":1.5},{"sku":"b","price":NaN},{"sku":"c","price":2}]'],
  rows: ['rows.csv', BROKEN_CSV],
  latin: ['latin.csv', Buffer.from('SKU,Price\nCaf\xe9,1.5\nTea,2\n', 'latin1')],
} as const;
type Name = keyof typeof DOCUMENTS;

let place: Workplace;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-unread-'));
  const tasks: { name: string; file: string }[] = [];
  for (const [name, [file, text]] of Object.entries(DOCUMENTS)) {
    await writeFile(join(directory, file), text);
    tasks.push({ name, file: join(directory, file) });
  }
  place = await openWorkplace({
    emulator: { scenario: { seconds: 0, tasks } },
    stores: { mart: { kind: 'duckdb', path: join(directory, 'mart.duckdb') } },
  });
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

function inputOf(name: Name, table: string, changes: Partial<RunTaskInput> = {}): RunTaskInput {
  const properties = { sku: { type: 'string' }, price: { type: 'number' } };
  const task = {
    name,
    urls: ['https://shop.example'],
    objective: 'o',
    execution_type: 'single',
    output_schema: { type: 'object', properties },
  };
  return { task, publish: [{ store: 'local', table, mode: 'replace' }], ...changes };
}

async function run(name: Name, table: string, changes: Partial<RunTaskInput> = {}) {
  const workflowId = randomUUID();
  const { result } = await place.titanflow.runTask(workflowId, inputOf(name, table, changes));
  return { workflowId, result: result() };
}

/** Publishes three rows, after which the service has other results of the same task. */
async function publishGood(name: Name, table: string): Promise<void> {
  const [file, text] = DOCUMENTS[name];
  await writeFile(join(directory, file), GOOD);
  expect(await (await run(name, table)).result).toMatchObject({ published: [{ rows: 3 }] });
  await writeFile(join(directory, file), text);
}

function looksAt(executionId = ''): number {
  return place.emulator
    .ledger()
    .requests.filter(({ path }) => path.includes(executionId) && /\/results\/(?:export|download)/.test(path)).length;
}

function cli(...command: string[]) {
  const env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    TITANFLOW_STAGING: place.staging,
    TITANFLOW_STORES: join(directory, 'stores.yaml'),
  };
  return runCli(command, { env });
}

describe.concurrent('an export that cannot be read', () => {
  it('fails after a few looks, is kept, and is read when it was mended: nothing is paid again', async () => {
    const { result, workflowId } = await run('cut', 'mended', { resultsWithin: '4 seconds' });
    const failure = await failureOf(result);
    const [{ executionId = '' }] = failure.details;
    expect(failure).toMatchObject({ type: 'ExportIncomplete', nonRetryable: true });
    expect(failure.message).toMatch(
      /^the document is cut off after 1 records, at byte 23; the same bytes came \d times in \d seconds; they are kept as file:.*unread\.json; `titanflow retry execution\/[^`]+`/,
    );
    expect(looksAt(executionId)).toBeGreaterThanOrEqual(3);
    expect(looksAt(executionId)).toBeLessThanOrEqual(5);
    const [kept = ''] = /file:\S+unread\.json/.exec(failure.message) ?? [];
    expect(await readFile(fileURLToPath(kept), 'utf8')).toBe(DOCUMENTS.cut[1]);
    await writeFile(join(directory, 'cut.json'), GOOD);
    expect(await cli('retry', workflowId)).toMatchObject({ code: 0 });
    expect(await readTable(place.out, 'mended')).toHaveLength(3);
    expect(place.executionsOf('cut')).toHaveLength(1);
  });

  it.each<[Name, string]>([
    [
      'message',
      'in place of rows came an object that has: message; the schema has: sku, price; it was so 3 seconds after',
    ],
    ['envelope', 'are the rows there: `records: data.items`?; it was so 3 seconds after'],
  ])('because it is no rows (%s) replaces none', async (name, words) => {
    const table = `kept_from_${name}`;
    await publishGood(name, table);
    const failure = await failureOf((await run(name, table, { resultsWithin: '3 seconds' })).result);
    expect(failure).toMatchObject({ type: 'ExportIncomplete', message: expect.stringContaining(words) as string });
    expect(await readTable(place.out, table)).toHaveLength(3);
  });

  it('because no record has a property of the schema is held', async () => {
    await publishGood('renamed', 'renamed');
    expect(await failureOf((await run('renamed', 'renamed')).result)).toMatchObject({ type: 'ExpectationFailed' });
    expect(await readTable(place.out, 'renamed')).toHaveLength(3);
    const coerced = await run('renamed', 'coerced', { coerce: true });
    expect(await coerced.result).toMatchObject({ published: [{ rows: 2, rejected: 0 }] });
    expect(await readTable(place.out, 'coerced')).toMatchObject([
      { sku: 'a', price: 1 },
      { sku: 'b', price: 2 },
    ]);
  });
});

describe.concurrent('a record that cannot be read is a reject', () => {
  it.each<[Name, 'json' | 'csv', object, (string | RegExp)[]]>([
    ['numbers', 'json', { records: 3, rows: 2, rejected: 1 }, ['row 1: is not valid JSON: NaN at character 20']],
    [
      'rows',
      'csv',
      { records: 6, rows: 3, rejected: 3 },
      [
        'row 1: line 3 has 2 fields, the header has 3\n  b,2\n',
        'row 2: line 4 has a quote in a wrong place, in field 1\n  5" pipe,3,\n',
        'row 4: line 6 has a quote that is not closed\n  "d,5,\n',
      ],
    ],
    [
      'latin',
      'csv',
      { records: 2, rows: 1, rejected: 1 },
      ['row 0: line 2 is not valid UTF-8: byte 0xe9 at its byte 4\n  Caf\uFFFD,1.5'],
    ],
  ])('in each store, and stays one when it is replayed: %s', async (name, format, counts, words) => {
    await writeFile(
      join(directory, 'stores.yaml'),
      JSON.stringify({ stores: { local: place.config.stores['local'], mart: place.config.stores['mart'] } }),
    );
    const publish = ['local', 'mart'].map((store) => ({ store, table: name, mode: 'append' }) as const);
    const { executionId, published } = await (await run(name, name, { format, publish })).result;
    expect(published).toMatchObject([counts, counts]);
    for (const store of ['local', 'mart']) {
      const { stdout } = await cli('rejects', 'show', executionId, '--store', store);
      for (const word of words) expect(stdout).toContain(word);
    }
    expect((await cli('rejects', 'list', '--run', executionId)).stdout).toContain(`mart/main.${name} `);
    const schema = join(directory, `${name}.schema.json`);
    await writeFile(schema, '{"type":"object"}');
    const replayed = await cli('rejects', 'replay', executionId, '--schema', schema, '--format', format);
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining(': 0 replayed') as string });
    expect(replayed.stdout).toContain('is no JSON');
    expect(looksAt(executionId)).toBe(1);
  });
});
