import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublishReceipt } from '../../../src/domain/run.js';
import { openJudging, type Verdict } from '../../../src/rows/judging.js';
import { createRecordSplitter } from '../../../src/rows/record-splitter.js';
import { createRowReader } from '../../../src/rows/row-reader.js';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Load, PlainDocument } from '../../../src/stores/store.js';
import type { ReadRow } from '../contract.js';
import { FIRST, loadOf, type LoadSketch } from '../loads.js';
import { readPublished } from './read-published.js';

const SCHEMA = {
  type: 'object',
  properties: {
    'te"xt': { type: ['string', 'null'] },
    whole: { type: 'integer' },
    number: { type: 'number' },
    yes: { type: 'boolean' },
    at: { type: 'string', format: 'date-time' },
    nested: {},
  },
};

describe('a Parquet table', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "titanflow-document-'it-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const judge = async (text: string): Promise<Verdict> => {
    const judging = openJudging({ outputSchema: SCHEMA, format: 'json' });
    await judging.push(Buffer.from(text));
    return judging.end();
  };

  it('is the same, whether it was made of the document or of the rows that were read from it', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(RECORD, { minLength: 1, maxLength: 30 }), blanks, async (records, blank) => {
        const text = `[${records.map(({ members }) => `{${members.join(`,${blank}`)}}`).join(`${blank},`)}${blank}]`;
        const verdict = await judge(text);
        expect(verdict.isPlainArray).toBe(records.every(({ isPlain }) => isPlain));
        if (!verdict.isPlainArray) return;
        made += 1;
        const [byDocument, byRows] = [`document-${made}`, `rows-${made}`];
        const [took, read] = await Promise.all([
          publish(byDocument, text, verdict),
          publish(byRows, text, verdict, false),
        ]);
        expect({ ...took.receipt, table: byRows }).toEqual(read.receipt);
        expect(read.hasReadRows && !took.hasReadRows).toBe(true);
        expect(await tableOf(byDocument)).toEqual(await tableOf(byRows));
      }),
      { numRuns: 60 },
    );
    expect(made).toBeGreaterThan(20);
  });

  it.each([
    ['a wrapped array', '{"data":[{"whole":1}]}'],
    ['lines', '{"whole":1}\n{"whole":2}'],
    ['a byte order mark', '\uFEFF[{"whole":1}]'],
    ['a reject', '[{"whole":1},{"whole":"x"}]'],
    ['a property without a column', '[{"whole":1,"other":2}]'],
    ['a member that is there twice', '[{"whole":1,"whole":2}]'],
    ['digits that a double has not', '[{"nested":{"id":12345678901234567890}}]'],
    ['a whole number with an exponent', '[{"whole":1e3}]'],
    ['a moment with an offset', '[{"at":"2026-01-01T00:00:00+02:00"}]'],
  ])('is made of the rows where the document has %s', async (_, text) => {
    expect((await judge(text)).isPlainArray).toBe(false);
  });

  const whole = '[{"whole":1},{"whole":2}]';

  it('is made of the rows where the document turns out to be another', async () => {
    const verdict = await judge(whole);
    const other = await publish('other', whole, verdict, true, {
      prove: () => Promise.reject(new Error('not what was exported')),
    });
    expect(other.hasReadRows).toBe(true);
    const shorter = await publish('shorter', '[{"whole":1}]', verdict, true);
    expect(shorter).toMatchObject({ hasReadRows: true, failure: expect.stringContaining('announced 2 rows') });
    const gone = await publish('gone', whole, verdict, true, { path: join(directory, 'gone') });
    expect(gone.hasReadRows).toBe(true);
  });

  it('that has one row per key is never added to without a look at the keys', async () => {
    const verdict = await judge(whole);
    const merge = { mode: 'merge', key: ['whole'] } as const;
    expect((await publish('keyed', whole, verdict, true, {}, merge)).hasReadRows).toBe(true);
    const again = await publish('keyed', whole, verdict, true, {}, { run: 'run-2' });
    expect(again).toMatchObject({ hasReadRows: true, failure: expect.stringContaining('one row per whole') });
  });

  it('is replaced by a document, and gets columns that a document lacks', async () => {
    const verdict = await judge(whole);
    const columns = [...verdict.profile.columns, { name: 'more', type: 'text' as const }];
    await publish('grown', whole, verdict, false, {}, { columns });
    await publish('grown', whole, verdict, true, {}, { run: 'run-2' });
    expect((await tableOf('grown')).length).toBe(4);
    await publish('grown', whole, verdict, true, {}, { run: 'run-3', mode: 'replace' });
    expect((await tableOf('grown')).map((row) => row['_titan_execution'])).toEqual(['run-3', 'run-3']);
  });

  async function publish(
    table: string,
    text: string,
    { profile, longest }: Verdict,
    withDocument = true,
    changes: Partial<PlainDocument> = {},
    sketch: Partial<LoadSketch> = {},
  ): Promise<{ receipt?: PublishReceipt; hasReadRows: boolean; failure?: string }> {
    const path = join(directory, `${table}.json`);
    await writeFile(path, text);
    const run = sketch.run ?? 'run-1';
    let hasReadRows = false;
    async function* rows(): Load['rows'] {
      hasReadRows = true;
      const splitter = createRecordSplitter({ format: 'json' });
      const rowOf = createRowReader(profile, { execution: run, at: FIRST });
      yield [...splitter.push(Buffer.from(text)), ...splitter.end()].map(rowOf);
    }
    const document: PlainDocument = {
      path,
      execution: run,
      longestBytes: longest,
      prove: async () => {
        createHash('sha256').update(await readFile(path));
      },
      ...changes,
    };
    const load = loadOf({ table, columns: profile.columns, records: profile.records, ...sketch, rows: rows() });
    const store = openStores({ here: { kind: 'files', directory, format: 'parquet' } }).get('here');
    try {
      return { receipt: await store.publish(withDocument ? { ...load, document } : load), hasReadRows };
    } catch (error) {
      return { hasReadRows, failure: String(error) };
    } finally {
      await store.close();
    }
  }

  async function tableOf(table: string): Promise<readonly ReadRow[]> {
    return (await readPublished((name) => readFile(join(directory, table, name)).catch(() => undefined))) ?? [];
  }
});

/** A member as it may stand in a document, and whether every reader of JSON makes the same of it. */
interface Sketch {
  readonly raw: string;
  readonly isPlain: boolean;
}

/** Digits may be too many together; what JSON must escape by its number is written otherwise by others. */
const isPlainText = (text: string): boolean => !/[\d\\]/.test(text) && !JSON.stringify(text).includes('\\u');
const plain = (raw: string): Sketch => ({ raw, isPlain: true });
const mostly = (seldom: string, ...texts: readonly string[]): fc.Arbitrary<Sketch> =>
  fc.oneof(
    { weight: 99, arbitrary: fc.constantFrom(...texts.map(plain)) },
    { weight: 1, arbitrary: fc.constant({ raw: seldom, isPlain: false }) },
  );
const plainNested = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => isPlainText(text)),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.string({ unit: 'grapheme', maxLength: 4 }).filter((name) => isPlainText(name) && name !== '__proto__'),
        tie('value'),
        { maxKeys: 3 },
      ),
    ),
  }))
  .value.map((value) => plain(JSON.stringify(value)));

const MEMBERS: Readonly<Record<string, fc.Arbitrary<Sketch>>> = {
  'te"xt': fc.oneof(
    fc
      .string({ unit: 'grapheme' })
      .filter((text) => !text.includes('\0'))
      .map((text) => plain(JSON.stringify(text))),
    fc.constantFrom(plain('null'), plain('"\\u00e9\\/\\ud83d\\ude00"'), plain('""')),
  ),
  whole: fc.oneof(
    fc.integer().map((value) => plain(String(value))),
    fc.constantFrom(plain('-999999999999999999'), plain('0')),
  ),
  number: fc.oneof(
    fc.integer({ min: -1e6, max: 1e6 }).map((value) => plain(String(value / 100))),
    mostly('1e-7', '0.1', '-1.50', '12345678901234'),
  ),
  yes: fc.constantFrom(plain('true'), plain('false')),
  at: mostly(
    '"2026-01-01T00:00:00.1234567Z"',
    '"2026-02-28T23:59:59.123456Z"',
    '"2026-01-31T00:00:00Z"',
    '"9999-12-31T23:59:59.9Z"',
  ),
  nested: plainNested,
};

const RECORD = fc.record(MEMBERS, { requiredKeys: [] }).map((sketches) => {
  const entries = Object.entries(sketches).flatMap(([name, sketch]) => (sketch ? [[name, sketch] as const] : []));
  return {
    members: entries.map(([name, { raw }]) => `${JSON.stringify(name)}:${raw}`),
    isPlain: entries.every(([, { isPlain }]) => isPlain),
  };
});
const blanks = fc.constantFrom('', ' ', '\n', '\t\r\n');
