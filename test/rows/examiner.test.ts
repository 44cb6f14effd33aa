import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { schemaColumns } from '../../src/rows/columns.js';
import { createExaminer, type ExaminerOptions } from '../../src/rows/examiner.js';
import { createRowReader } from '../../src/rows/row-reader.js';

const SCHEMA = {
  type: 'object',
  required: ['sku'],
  properties: {
    sku: { type: 'string' },
    price: { type: 'number' },
    count: { type: ['integer', 'null'] },
    at: { type: 'string', format: 'date-time' },
    ok: { type: 'boolean' },
    tags: { type: 'array' },
    image: { type: 'string', format: 'media' },
  },
};

function examined(texts: readonly string[], options: Partial<ExaminerOptions> = {}) {
  const examiner = createExaminer({ outputSchema: SCHEMA, format: 'json', ...options });
  const records = texts.map((text) => ({ text, value: JSON.parse(text) as Json }));
  const reasons = records.map((record) => examiner.examine(record));
  const profile = examiner.finish({
    records: texts.length,
    rejected: reasons.filter((reason) => reason !== undefined).length,
  });
  const rowOf = createRowReader(profile, { execution: 'e1', at: '2026-01-01T00:00:00Z' });
  const valid = records.filter((_, index) => reasons[index] === undefined);
  return { reasons, profile, cells: valid.map((record, row) => rowOf({ text: record.text, row }).cells) };
}

describe('a record', () => {
  it.each([
    ['{"sku":"a","price":"12"}', '/price: must be number'],
    ['{"price":1}', "must have required property 'sku'"],
    ['{"sku":"a","count":99999999999999999999}', '/count: must be a whole number of at most 64 bits'],
    ['{"sku":"a\\u0000"}', '/sku: contains the character NUL'],
    ['{"sku":"\\ud800"}', '/sku: contains half of a surrogate pair'],
    ['{"sku":"a","_titan_row":1}', '/_titan_row: names that start with _titan_ are reserved'],
    ['[1]', 'not an object'],
    ['"x"', 'not an object'],
  ])('%s is rejected: %s', (text, reason) => {
    expect(examined([text]).reasons).toEqual([reason]);
  });

  it('keeps every digit, and what the schema does not name', () => {
    const { profile, cells } = examined([
      '{"sku":"a","price":1.10,"count":9007199254740993,"more":{"x":1.0}}',
      '{"sku":"b"}',
    ]);
    expect(profile).toMatchObject({ records: 2, rejected: 0 });
    expect(profile.columns.at(-1)).toEqual({ name: '_titan_extra', type: 'jsonb' });
    expect(cells[0]?.slice(0, 3)).toEqual(['"a"', '1.10', '9007199254740993']);
    expect(cells[0]?.at(-1)).toBe('{"more":{"x":1.0}}');
    expect(cells[1]?.at(-1)).toBeUndefined();
  });

  it('is coerced only where that is wanted', () => {
    const text = '{"sku":"a","price":"12.50","ok":"true","count":"7"}';
    expect(examined([text]).reasons[0]).toBe('/price: must be number');
    expect(examined([text], { coerce: true }).cells[0]?.slice(0, 5)).toEqual(['"a"', '12.50', '7', undefined, 'true']);
  });
});

describe('columns', () => {
  it('follow the schema', () => {
    expect(schemaColumns(SCHEMA)?.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'sku text',
      'price numeric',
      'count bigint',
      'at timestamptz',
      'ok boolean',
      'tags jsonb',
      'image text',
    ]);
  });

  it.each([
    [{ type: 'array', items: SCHEMA }],
    [{ type: 'object', properties: { items: { type: 'array', items: SCHEMA } } }],
  ])('follow the items of a schema that describes many rows', (outputSchema) => {
    expect(schemaColumns(outputSchema)).toEqual(schemaColumns(SCHEMA));
  });

  it('without a schema are learnt from all records', () => {
    const texts = ['{"a":1,"b":"x","c":true,"d":null}', '{"a":1.5,"b":null,"c":[1],"d":null,"e":12}'];
    expect(examined(texts, { outputSchema: undefined }).profile.columns).toEqual([
      { name: 'a', type: 'numeric' },
      { name: 'b', type: 'text' },
      { name: 'c', type: 'jsonb' },
      { name: 'd', type: 'text' },
      { name: 'e', type: 'bigint' },
    ]);
  });
});
