import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { createExaminer, type ExaminerOptions } from '../../src/rows/examiner.js';
import { createRowReader } from '../../src/rows/row-reader.js';
import { failure, split } from './split.js';

const SOURCE = { execution: 'execution-1', at: '2026-01-02T03:04:05.000Z' };

function look(document: string, outputSchema?: Json, options: Partial<ExaminerOptions> = {}) {
  const format = options.format ?? 'json';
  const examiner = createExaminer({ format, outputSchema, ...options });
  const records = split(document, { format });
  const reasons = records.map((record) => examiner.examine(record));
  // The profile is kept as JSON between the export and the publication.
  const rejected = reasons.filter((reason) => reason !== undefined).length;
  const learnt = examiner.finish({ records: records.length, rejected });
  const profile = JSON.parse(JSON.stringify(learnt)) as typeof learnt;
  const rowOf = createRowReader(profile, SOURCE);
  const rows = records.flatMap((record, row) =>
    reasons[row] === undefined ? [rowOf({ text: record.text, row })] : [],
  );
  return { reasons, profile, rows };
}

function object(properties: Json, more: Json = {}): Json {
  return Object.assign({ type: 'object', properties }, more);
}

const it1 = (type: Json): Json => object({ it: type });

describe('why a record is rejected', () => {
  it.each<[string, Json | undefined, string]>([
    ['{"price":"1"}', object({ price: { type: 'number' } }), '/price: must be number'],
    [
      '{"a":{"b":[1,"2"]}}',
      object({ a: { properties: { b: { items: { type: 'number' } } } } }),
      '/a/b/1: must be number',
    ],
    ['{}', object({ a: {} }, { required: ['a'] }), "must have required property 'a'"],
    ['{}', object({ constructor: {} }, { required: ['constructor'] }), "must have required property 'constructor'"],
    ['{"a":1,"b":1}', object({ a: {} }, { additionalProperties: false }), 'must NOT have additional properties: "b"'],
    [
      '{"b":1}',
      object({ a: {} }, { additionalProperties: false }),
      "has none of the schema's properties; it has: b; the schema has: a",
    ],
    [
      '{"SKU":1,"Price ":2,"stock_":3}',
      object({ sku: {}, price: {}, stock: {} }, { required: ['sku'] }),
      "has none of the schema's properties; it has: SKU, Price , stock_; the schema has: sku, price, stock; `coerce: true` takes names that differ only in case, blanks and underscores",
    ],
    ['{}', object({ a: {} }), "has none of the schema's properties; it is empty; the schema has: a"],
    ['{"a":null,"message":"later"}', object({ a: {}, b: {} }), 'undefined'],
    ['{"b":1}', object({ a: {} }, { anyOf: [{ required: ['a'] }, { properties: { b: {} } }] }), 'undefined'],
    ['{"x_b":1}', object({ a: {} }, { patternProperties: { '^x_': {} } }), 'undefined'],
    ['{"b":1}', { type: 'object', additionalProperties: { type: 'number' } }, 'undefined'],
    ['{"b":1}', object({}), 'undefined'],
    ['{"it":"c"}', it1({ enum: ['a', 'b'] }), '/it: must be one of "a", "b"'],
    ['{"it":[]}', it1({ anyOf: [{ type: 'string' }, { type: 'number' }] }), '/it: must be string or must be number'],
    ['{"it":9223372036854775808}', it1({ type: 'integer' }), '/it: must be a whole number of at most 64 bits'],
    ['{"it":1e999}', undefined, '/it: must be a number in the range of a double'],
    ['{"it":1e999}', it1({}), 'undefined'],
    [
      '{"it":"2026-02-30T00:00:00Z"}',
      it1({ type: 'string', format: 'date-time' }),
      '/it: must match format "date-time"',
    ],
    [
      '{"it":"2026-12-31T23:59:60Z"}',
      it1({ type: 'string', format: 'date-time' }),
      '/it: must be a date-time as in RFC 3339, with an offset',
    ],
    [
      '{"it":"0000-01-01T00:00:00Z"}',
      it1({ type: 'string', format: 'date-time' }),
      '/it: must be a date-time as in RFC 3339, with an offset',
    ],
    [String.raw`{"a/b":{"c":"\u0000"}}`, undefined, '/a~1b: contains the character NUL'],
    [String.raw`{"a":"\udc00\ud800"}`, undefined, '/a: contains half of a surrogate pair'],
    [String.raw`{"a":"\\u0000 \ud83d\ude00"}`, undefined, 'undefined'],
    [`{"a":1e200000}`, it1({}), '/a: has a number with too many digits'],
    [`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, undefined, '/a: is nested deeper than 1000 levels'],
    [`{"a":${'['.repeat(900)}${']'.repeat(900)}}`, undefined, 'undefined'],
    ['{"_titan_row":1}', undefined, '/_titan_row: names that start with _titan_ are reserved'],
    ['[{}]', undefined, 'not an object'],
    ['null', undefined, 'not an object'],
    ['"a"', it1({}), 'not an object'],
  ])('%.60s of %j: %s', (text, schema, reason) => {
    const { reasons, profile, rows } = look(`[${text}]`, schema);
    expect(String(reasons[0])).toBe(reason);
    expect(profile).toMatchObject({ records: 1, rejected: rows.length === 1 ? 0 : 1 });
  });

  it('is found in millions of escapes too', () => {
    const text = String.raw`\n\"`.repeat(1_000_000);
    expect(look(`[{"a":"${text}"},{"a":"${text}\\u0000"}]`).reasons).toStrictEqual([
      undefined,
      '/a: contains the character NUL',
    ]);
  });

  it('is looked for in strings of many megabytes too', () => {
    const text = String.raw`x\"`.repeat(4_000_000);
    expect(look(`[{"a":"${text}"},{"a":"${text}","b":1e200000}]`).reasons).toStrictEqual([
      undefined,
      '/b: has a number with too many digits',
    ]);
  });

  it("never is the service's own format or a keyword of its own", () => {
    const schema = object({ image: { type: 'string', format: 'media', 'x-titan': true } });
    const { reasons, profile } = look('[{"image":"https://example.com/a.png"},{"image":1}]', schema);
    expect(reasons).toStrictEqual([undefined, '/image: must be string']);
    expect(profile.columns).toStrictEqual([{ name: 'image', type: 'text' }]);
  });

  it.each([
    'http://json-schema.org/draft-04/schema#',
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema',
  ])('is told by the draft %s', ($schema) => {
    const rows = { type: 'array', items: { $ref: '#/definitions/row' } };
    const definitions = { row: object({ n: { type: 'integer' } }) };
    expect(look('[{"n":1},{"n":1.5}]', { $schema, ...rows, definitions }).reasons).toStrictEqual([
      undefined,
      '/n: must be integer',
    ]);
  });

  it('is not asked of a schema that goes round in a circle', () => {
    const schema = object({ a: {} }, { allOf: [{ $ref: '#' }] });
    expect(failure(() => look('[{"a":1}]', schema))).toMatchObject({
      reason: 'unusable',
      message: expect.stringContaining('refers to itself without end'),
    });
  });

  it('is not asked of a schema that is wrong itself', () => {
    for (const schema of [
      it1({ type: 'text' }),
      it1({ $ref: '#/nowhere' }),
      it1({ pattern: '(' }),
      it1({ $ref: 'https://example.com/x' }),
    ]) {
      expect(failure(() => look('[]', schema))).toMatchObject({
        reason: 'unusable',
        message: expect.stringContaining('the output_schema cannot be used'),
      });
    }
  });
});

describe('a row', () => {
  it('has its place and the cells of its columns, with every digit', () => {
    const schema = object({ id: { type: 'integer' }, price: { type: 'number' }, more: {} });
    const document =
      '[{"more":[1.0,\n{"a": 1.10}],"price":1.10,"id":9007199254740993},1,{"id":1.5e1,"price":12345678901234567890.12},{"more":null}]';
    expect(look(document, schema).rows).toStrictEqual([
      { ...SOURCE, row: 0, cells: ['9007199254740993', '1.10', '[1.0, {"a": 1.10}]'] },
      { ...SOURCE, row: 2, cells: ['15', '12345678901234567890.12', undefined] },
      { ...SOURCE, row: 3, cells: [undefined, undefined, 'null'] },
    ]);
  });

  it('keeps what the schema does not name in `_titan_extra`', () => {
    const { profile, rows } = look(
      String.raw`[{"a":1},{"__proto__":1.10,"a":2,"b\"":"x"}]`,
      object({ a: { type: 'integer' } }),
    );
    expect(profile.columns).toStrictEqual([
      { name: 'a', type: 'bigint' },
      { name: '_titan_extra', type: 'jsonb' },
    ]);
    expect(rows.map(({ cells }) => cells)).toStrictEqual([
      ['1', undefined],
      ['2', String.raw`{"__proto__":1.10,"b\"":"x"}`],
    ]);
  });

  it('has no `_titan_extra` for what only rejects have', () => {
    const { profile } = look('[{"a":1},{"a":"x","b":1}]', object({ a: { type: 'integer' } }));
    expect(profile.columns).toStrictEqual([{ name: 'a', type: 'bigint' }]);
  });

  it('has the columns that all valid records have, where there is no schema', () => {
    const { profile, rows } = look(
      '[{"a":1,"b":null},{"a":1.0,"c":"x","__proto__":true},{"_titan_x":1,"d":1},{"c":{"x":1}}]',
    );
    expect(profile.columns.map(({ name, type }) => `${name} ${type}`)).toStrictEqual([
      'a numeric',
      'b text',
      'c jsonb',
      '__proto__ boolean',
    ]);
    expect(rows[1]?.cells).toStrictEqual(['1.0', undefined, '"x"', 'true']);
  });

  it('cannot have more columns than a table, where there is no schema', () => {
    const wide = (names: number, prefix: string) =>
      Object.fromEntries(Array.from({ length: names }, (_, index) => [`${prefix}${index}`, 1]));
    expect(look(JSON.stringify([wide(1_501, 'c'), { c0: 1 }])).reasons).toStrictEqual([
      'has 1501 properties, a table has at most 1500 columns',
      undefined,
    ]);
    const different = JSON.stringify([wide(1_000, 'c'), wide(1_000, 'd')]);
    expect(failure(() => look(different))).toMatchObject({
      reason: 'unusable',
      message: expect.stringContaining('1500') as string,
    });
  });
});

describe('coercion', () => {
  const schema = object({
    n: { type: 'integer' },
    p: { type: ['number', 'null'] },
    b: { type: 'boolean' },
    j: { type: 'array' },
    t: { type: 'string' },
  });

  it("reads texts of JSON as their columns' types where it is asked for", () => {
    const document = '[{"n":" 12 ","p":"1.10","b":"TRUE","j":"[1,\\n2]","t":"12"},{"n":"1.5"},{"n":"0x10"},{"b":"1"}]';
    const { reasons, rows } = look(document, schema, { coerce: true });
    expect(reasons).toStrictEqual([undefined, '/n: must be integer', '/n: must be integer', '/b: must be boolean']);
    expect(rows[0]?.cells).toStrictEqual(['12', '1.10', 'true', '[1, 2]', '"12"']);
    expect(look(document, schema).reasons[0]).toBe('/n: must be integer');
  });

  it('is always done for CSV, where an empty field may be null or missing', () => {
    const { reasons, rows } = look('n,p,b,j,t\n12,1.10,false,"[1]",x\n,,,,\nx,,,,\n', schema, { format: 'csv' });
    expect(reasons).toStrictEqual([undefined, undefined, '/n: must be integer']);
    expect(rows.map(({ cells }) => cells)).toStrictEqual([
      ['12', '1.10', 'false', '[1]', '"x"'],
      ['null', 'null', 'null', 'null', 'null'],
    ]);
    const required = object({ t: { type: 'string' } }, { required: ['t'] });
    expect(look('t\n\n', required, { format: 'csv' }).reasons).toStrictEqual(["must have required property 't'"]);
  });

  it('leaves CSV without a schema as texts', () => {
    expect(look('a,b\n1,\n', undefined, { format: 'csv' })).toMatchObject({
      profile: {
        columns: [
          { name: 'a', type: 'text' },
          { name: 'b', type: 'text' },
        ],
      },
      rows: [{ cells: ['"1"', 'null'] }],
    });
  });

  it('takes names that differ only in case, blanks and underscores, where no other is meant', () => {
    const names = object({ sku: { type: 'string' }, unit_price: { type: 'number', multipleOf: 0.01 } });
    const csv = look('\uFEFFSKU, Unit Price ,other\na,19.99,x\nb,19.999,\n', names, { format: 'csv' });
    expect(csv.reasons).toStrictEqual([undefined, '/unit_price: must be multiple of 0.01']);
    expect(csv.profile.hasLooseNames).toBe(true);
    expect(csv.rows.map(({ cells }) => cells)).toStrictEqual([['"a"', '19.99', '{"other":"x"}']]);
    const document = '[{"SKU":"a","UnitPrice":"1.10"},{"sku":"b","SKU":"c"},{"SKU":"d","Sku":"e","unit-price":2}]';
    const json = look(document, names, { coerce: true });
    expect(json.reasons).toStrictEqual([undefined, undefined, undefined]);
    expect(json.rows.map(({ cells }) => cells)).toStrictEqual([
      ['"a"', '1.10', undefined],
      ['"b"', undefined, '{"SKU":"c"}'],
      [undefined, '2', '{"SKU":"d","Sku":"e"}'],
    ]);
    expect(look('[{"SKU":"d","Sku":"e"}]', names, { coerce: true }).reasons[0]).toMatch(
      /^has none of the schema's properties/,
    );
    expect(look(document, names).reasons[0]).toMatch(/^has none of the schema's properties/);
  });

  it('tells of a header that is not the one of the schema', () => {
    const found = look('id,cost\n1,2\n', object({ sku: {}, price: {} }), { format: 'csv' });
    expect(found.reasons).toStrictEqual([
      "has none of the schema's properties; it has: id, cost; the schema has: sku, price",
    ]);
  });
});
