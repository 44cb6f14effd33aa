import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { schemaColumns } from '../../src/rows/columns.js';
import { createExaminer, type ExaminerOptions } from '../../src/rows/examiner.js';
import { plainByColumns, plainBySchema } from '../../src/rows/plain-rows.js';
import { createRecordSplitter, type CutRecord, type SplitOptions } from '../../src/rows/record-splitter.js';
import { createRowReader } from '../../src/rows/row-reader.js';

const SCHEMA = {
  type: 'object',
  properties: {
    sku: { type: 'string' },
    näme: { type: ['string', 'null'], description: 'as it is on the page' },
    price: { type: 'number' },
    stock: { type: 'integer' },
    available: { type: 'boolean' },
    seenAt: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    url: { type: 'string', format: 'uri' },
    mail: { type: 'string', format: 'email' },
    id: { type: 'string', format: 'uuid' },
    image: { type: 'string', format: 'media' },
    state: { enum: ['new', 'us.d', 'größer'] },
    specs: {
      type: 'object',
      properties: { cores: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
      required: ['cores'],
      additionalProperties: false,
    },
    more: {},
  },
  required: ['sku', 'price'],
} satisfies JsonObject;

/** What is left of a document's records when those that are plain are taken out. */
function strange(document: string | Buffer, options: ExaminerOptions, size = Number.POSITIVE_INFINITY): CutRecord[] {
  const plain = plainBySchema(options);
  expect(plain).toBeDefined();
  return cut(document, { format: 'json', plain }, size).records;
}

function cut(document: string | Buffer, options: SplitOptions, size = Number.POSITIVE_INFINITY) {
  const splitter = createRecordSplitter(options);
  const bytes = Buffer.from(document);
  const records: CutRecord[] = [];
  for (let at = 0; at < bytes.length; at += size) records.push(...splitter.push(bytes.subarray(at, at + size)));
  records.push(...splitter.end());
  return { records, count: splitter.count, longest: splitter.longest };
}

const OPTIONS: ExaminerOptions = { format: 'json', outputSchema: SCHEMA };
const good = `{"sku":"a b","näme":"Größe \u2028 é😀","price":12.5,"stock":-3,"available":true,"seenAt":"2026-01-31T23:59:59.5Z",
  "day":"2028-02-28","url":"https://shop.example/a?b=c","state":"us.d","specs":{"cores":4,"tags":["x","y"]},"more":[{"a":[1,"b",null]}]}`;

const value = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '-12',
    '1.0',
    '0.5',
    '1e3',
    '01',
    '1.',
    '-',
    '12345678901234567',
    '8.559999999999999',
  ),
  fc.constantFrom(
    '""',
    '"a"',
    '"é"',
    String.raw`"\u0041"`,
    String.raw`"\""`,
    '"a\tb"',
    '"new"',
    '"us.d"',
    '"used"',
    '"größer"',
  ),
  fc.constantFrom(
    '"2026-01-31T23:59:59.5Z"',
    '"2026-02-30T00:00:00Z"',
    '"2026-01-01T00:00:00+02:00"',
    '"2026-01-31"',
    '"2026-06-31"',
  ),
  fc.constantFrom('"https://a.example/b?c=d"', '"http://a.example:99999999/"', '"a@b.example"', '"a@b"', '"not a uri"'),
  fc.constantFrom(
    '"6f9619ff-8b86-d011-b42d-00cf4fc964ff"',
    '{"cores":1}',
    '{"cores":1,"tags":["a"]}',
    '{"tags":[],"cores":2}',
  ),
  fc.constantFrom(
    '{"cores":"1"}',
    '{"tags":["a"]}',
    '{"cores":1,"other":2}',
    '{"cores":1,}',
    '[1,]',
    '[[1],{"a":{}}]',
    '{}',
    '[]',
    '{"a":1 "b":2}',
  ),
  fc.jsonValue().map((any) => JSON.stringify(any)),
);
const names = Object.keys(SCHEMA.properties);
const blank = fc.constantFrom('', ' ', '\n ', '\t');
const record = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...names, 'other', '_titan_row', '__proto__'), value), { maxLength: 6 }),
    fc.boolean(),
    blank,
  )
  .map(([members, isComplete, gap]) => {
    const all = isComplete ? [['sku', '"x"'] as const, ['price', '1'] as const, ...members] : members;
    return `{${all.map(([name, raw]) => `${gap}${JSON.stringify(name)}${gap}:${gap}${raw}`).join(',')}${gap}}`;
  });

describe('a record that is told to be plain at one look', () => {
  it('is one that a parser and the schema find valid, and any reader of JSON takes alike', () => {
    const { required: _, ...lax } = SCHEMA;
    const strict = createExaminer(OPTIONS);
    const tolerant = createExaminer({ format: 'json', outputSchema: lax });
    let examined = 0;
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 5, max: 200 }),
        fc.boolean(),
        (records, size, isStrict) => {
          const document = `[${records.join(',\n')}]`;
          const examiner = isStrict ? strict : tolerant;
          let left: readonly number[];
          try {
            const options: ExaminerOptions = isStrict ? OPTIONS : { format: 'json', outputSchema: lax };
            left = strange(document, options, size).map(({ row }) => row);
          } catch {
            return;
          }
          for (const [row, text] of records.entries()) {
            if (left.includes(row)) continue;
            expect(examiner.examine({ text, value: JSON.parse(text) as Json })).toBeUndefined();
            examined += 1;
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(examined).toBeGreaterThan(300);
    for (const each of [strict, tolerant]) expect(each.finish({ records: examined, rejected: 0 }).isPlain).toBe(true);
  });

  it('has one of the properties of the schema, as the examiner wants it, where none is required', () => {
    const { required: _, ...outputSchema } = SCHEMA;
    const options: ExaminerOptions = { format: 'json', outputSchema };
    const examiner = createExaminer(options);
    for (const document of ['[{}]', '[ { } ,{"sku":"a"}]', '[{"other":1},{ "price":1 }]']) {
      const reasons = (JSON.parse(document) as Json[]).map((value) =>
        examiner.examine({ text: JSON.stringify(value), value }),
      );
      expect(reasons[0]).toMatch(/^has none of the schema's properties/);
      expect(reasons[1]).toBeUndefined();
      for (const size of [1, 5, 100]) expect(strange(document, options, size).map(({ row }) => row)).toEqual([0]);
    }
    expect(strange('{"sku":"a"}\n{}\n{"price":1}\n', options).map(({ row }) => row)).toEqual([1]);
  });

  it('has no bytes that are no UTF-8', () => {
    const records = strange(Buffer.from('[{"sku":"\xe9","price":1},{"sku":"a","price":1}]', 'latin1'), OPTIONS);
    expect(records.map(({ problem }) => problem)).toEqual(['is not valid UTF-8: byte 0xe9 at its byte 9', undefined]);
  });

  it('gives the cells that reading its text gives', () => {
    const examiner = createExaminer(OPTIONS);
    const profile = examiner.finish({ records: 0, rejected: 0 });
    const readAs = { execution: 'e', at: 'now' };
    let plain = 0;
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 5, max: 200 }),
        (records, size) => {
          // Only what was judged to be valid is read by its columns.
          const valid = records.filter((text) =>
            isValid(() => examiner.examine({ text, value: JSON.parse(text) as Json })),
          );
          const document = `[${valid.join(',')}]`;
          const found = cut(document, { format: 'json', plain: plainByColumns(profile) }, size);
          expect(found.count).toBe(valid.length);
          for (const { row, text, cells } of found.records) {
            if (!cells) {
              expect(text).toBe(valid[row]);
              continue;
            }
            plain += 1;
            expect(cells).toEqual(createRowReader(profile, readAs)({ text: valid[row] ?? '', row }).cells);
            expect(cells.join('')).not.toMatch(/[\t\n\r\\]/);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(plain).toBeGreaterThan(300);
  });

  it('has a number of more digits than a double, where these are only handed on', () => {
    const document = '[{"sku":"a","price":8.5599999999999990000},{"sku":"b","price":1e3}]';
    const profile = createExaminer(OPTIONS).finish({ records: 2, rejected: 0 });
    const { records } = cut(document, { format: 'json', plain: plainByColumns(profile) });
    expect(records.map(({ cells }) => cells?.slice(0, 3))).toEqual([
      ['"a"', undefined, '8.5599999999999990000'],
      undefined,
    ]);
    expect(strange(document, OPTIONS).map(({ row }) => row)).toEqual([0, 1]);
  });

  it.each([
    ['whole', Number.POSITIVE_INFINITY],
    ['in pieces', 13],
    ['byte by byte', 1],
  ])('is found in an array and in lines, that come %s', (_, size) => {
    const line = good.replaceAll(/\n\s*/g, ' ');
    for (const document of [`[${good}]`, ` [ ${good} ,\n${good}\n] `, `{"data":[${good},${good}],"total":2}`]) {
      expect(strange(document, OPTIONS, size)).toEqual([]);
    }
    // The first line tells what the document is.
    expect(strange(`${line}\n${line}\r\n\n ${line}\n`, OPTIONS, size)).toEqual([]);
  });

  it('has its members in the order of the others', () => {
    const other = (price: number): string => `{"price":${price},"specs":{"tags":["x"],"cores":4},"sku":"a"}`;
    const left = strange(`[${[1, 2, 3].map(other).join(',')}]`, OPTIONS);
    expect(left.map(({ row }) => row)).toEqual([0]);
  });

  it('is no longer looked for where hardly any is plain', () => {
    const texts = Array.from({ length: 3_000 }, (_, row) => `{"sku":"\\u0041","price":${row}}`);
    const left = strange(`[${[...texts, '{"sku":"a","price":1}'].join(',')}]`, OPTIONS, 4096);
    expect(left.length).toBe(3_001);
  });

  it('that almost is one is left to the parser, however long it and however many its members are', () => {
    const names = Array.from({ length: 100 }, (_, n) => `c${n}`);
    const outputSchema = { properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) };
    const good = Object.fromEntries(names.map((name) => [name, 'x'.repeat(1_000)]));
    const bad = JSON.stringify({ ...good, c99: 1 });
    const document = `[${Array.from({ length: 200 }, () => bad).join(',')}]`;
    expect(strange(document, { format: 'json', outputSchema }, 64 * 1024).length).toBe(200);
  });

  it.each<[string, Json, string]>([
    ['two types', { type: ['integer', 'number'] }, '1'],
    ['a choice that is there twice', { enum: ['a', 'a', 'b'] }, '"a"'],
    ['types of which one is another', { type: ['number', 'integer', 'null', 'string'] }, '12.5'],
  ])('that almost is one is not tried in two ways: %s', (_, items, item) => {
    // Two ways of each of these would be more than a computer can try.
    const document = `[{"a":[${`${item},`.repeat(200)}{}]},{"a":[${item}]}]`;
    const outputSchema = { properties: { a: { type: 'array', items } } };
    expect(strange(document, { format: 'json', outputSchema }).map(({ row }) => row)).toEqual([0]);
  });

  it.each([
    ['each object of them has many of the next kind', (next: Json): Json => ({ properties: manyOf(next) })],
    ['each is all of many of the next kind', (next: Json): Json => ({ allOf: Object.values(manyOf(next)) })],
    ['each is any of many of the next kind', (next: Json): Json => ({ anyOf: Object.values(manyOf(next)) })],
  ])('is not written out where schemas refer to one another in too many ways: %s', (_, kind) => {
    const kinds = Array.from({ length: 30 }, (_, depth) => [`k${depth}`, kind({ $ref: `#/$defs/k${depth + 1}` })]);
    const $defs = Object.fromEntries([...kinds, ['k30', { type: 'string' }]]) as Record<string, Json>;
    const outputSchema = { $defs, properties: { a: { $ref: '#/$defs/k0' } }, allOf: [{ $ref: '#/$defs/k0' }] };
    expect(plainBySchema({ format: 'json', outputSchema })).toBeUndefined();
    expect(schemaColumns(outputSchema)?.[0]?.name).toBe('a');
  });

  it.each([
    ['no schema', { format: 'json' }],
    ['CSV', { format: 'csv', outputSchema: SCHEMA }],
    ['texts to be coerced', { format: 'json', outputSchema: SCHEMA, coerce: true }],
    ['a pattern', { format: 'json', outputSchema: { properties: { a: { type: 'string', pattern: '^a' } } } }],
    ['another format', { format: 'json', outputSchema: { properties: { a: { type: 'string', format: 'ipv4' } } } }],
    ['alternatives', { format: 'json', outputSchema: { properties: { a: { anyOf: [{ type: 'string' }] } } } }],
    ['a required one without a schema', { format: 'json', outputSchema: { properties: { a: {} }, required: ['b'] } }],
    ['a name that can be written in several ways', { format: 'json', outputSchema: { properties: { 'a"b': {} } } }],
    [
      'many members',
      {
        format: 'json',
        outputSchema: { properties: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`c${n}`, {}])) },
      },
    ],
    ['itself in itself', { format: 'json', outputSchema: { properties: { a: { $ref: '#' } } } }],
  ] satisfies readonly (readonly [string, ExaminerOptions])[])('cannot be told where there is %s', (_, options) => {
    expect(plainBySchema(options)).toBeUndefined();
  });

  it('may follow references', () => {
    const outputSchema = {
      definitions: { price: { type: 'number' }, row: { properties: { price: { $ref: '#/definitions/price' } } } },
      type: 'array',
      items: { $ref: '#/definitions/row' },
    };
    expect(strange('[{"price":1},{"price":"1"}]', { format: 'json', outputSchema }).map(({ row }) => row)).toEqual([1]);
  });
});

function manyOf(schema: Json): Record<string, Json> {
  return Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`p${index}`, schema]));
}

function isValid(examine: () => string | undefined): boolean {
  try {
    return examine() === undefined;
  } catch {
    return false;
  }
}
