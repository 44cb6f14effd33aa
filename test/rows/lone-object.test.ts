import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { rowNames } from '../../src/rows/row-names.js';
import { cut, failure } from './split.js';

const SCHEMA: Json = { type: 'object', properties: { sku: { type: 'string' }, price: { type: 'number' } } };
const NAMES = rowNames(SCHEMA, undefined, false);
const HAS = '; the schema has: sku, price';

describe('an object that is the whole document', () => {
  it.each([
    ['{"message":"Results are being prepared"}', `an object that has: message${HAS}`],
    ['{"error":{"code":"BUSY"}}', `an object that has: error${HAS}`],
    ['{"status":"processing"}\n', `an object that has: status${HAS}`],
    ['{"data":null}', `an object that has: data${HAS}`],
    ['{}', `an empty object${HAS}`],
    ['{"SKU":"a","Price":1}', `an object that has: SKU, Price${HAS}`],
    [
      '{"success":true,"data":{"items":[{"sku":"a","price":1}],"total":1}}',
      `an object that has: success, data${HAS}; are the rows there: \`records: data.items\`?`,
    ],
    [
      '{"products":[{"sku":"a"}],"errors":[{"code":1}]}',
      `an object that has: products, errors${HAS}; are the rows there: \`records: products\`?`,
    ],
    ['{"a":[{"sku":"a"}],"b":[{"sku":"b"}]}', `an object that has: a, b${HAS}`],
    [
      JSON.stringify(Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`${n}\u001b${'x'.repeat(99)}`, 1]))),
      ', and 2 more',
    ],
  ])('is no rows without a property of the schema: %s', (document, words) => {
    for (const sizes of [[], [1]]) {
      const error = failure(() => cut(document, names(NAMES), sizes));
      expect(error.reason).toBe('no rows');
      expect(error.message).toContain(words);
      for (const data of ['prepared', 'BUSY', '\u001b']) expect(error.message).not.toContain(data);
    }
  });

  it.each([
    ['{"sku":"a"}'],
    ['{"price":null,"message":"none"}'],
    ['{"success":true,"sku":"a"}'],
    ['{\n  "sku": "a"\n}'],
  ])('is a row with one: %s', (document) => {
    expect(cut(document, names(NAMES))).toHaveLength(1);
  });

  it('is a row with a name that is like one, where texts are coerced', () => {
    expect(cut('{"SKU":"a"}', names(rowNames(SCHEMA, undefined, true)))).toHaveLength(1);
  });

  it.each(['[]', '{"data":[]}', '{"success":true,"items":[],"total":0}'])(
    'is no matter where rows are there: %s',
    (document) => {
      expect(cut(document, names(NAMES))).toEqual([]);
    },
  );

  it.each([
    ['{"success":true,"title":"x"}', 'success, title'],
    ['{"message":"later"}', 'message'],
    ['{"status":"processing","progress":0.5}', 'status, progress'],
    ['{"data":{"a":1}}', 'has: data; if that is a row, give the task an output_schema'],
    ['{"products":[{"sku":"a"}],"total":1}', 'has: products, total; are the rows there: `records: products`?'],
    ['{}', 'an empty object'],
  ])('is no rows without a schema, where it is like what services answer: %s', (document, words) => {
    const error = failure(() => cut(document, names(undefined)));
    expect(error.reason).toBe('no rows');
    expect(error.message).toContain(words);
  });

  it.each([
    '{"title":"x","price":1}',
    '{"title":"x","status":"sold"}',
    '{"title":"x","reviews":[{"stars":5}]}',
    '{"tags":["x"]}',
  ])('is a row else: %s', (document) => {
    expect(cut(document, names(undefined))).toHaveLength(1);
  });
});

describe('CSV without rows', () => {
  it.each(['Bad Gateway\n', 'id,cost\n'])(
    'is no rows where its header has no property of the schema: %j',
    (document) => {
      const error = failure(() => cut(document, { format: 'csv', ...names(NAMES) }));
      expect(error.reason).toBe('no rows');
      expect(error.message).toContain("none of the schema's properties in its header");
    },
  );

  it('is an empty export where it has one', () => {
    expect(cut('price,sku\n', { format: 'csv', ...names(NAMES) })).toEqual([]);
  });
});

function names(known: ReturnType<typeof rowNames>) {
  return { names: known ?? ('unknown' as const), rowSchemaKeys: new Set(known?.properties) };
}
