import { Ajv } from 'ajv';
import * as ajvFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/emulator/json.js';
import { createRows, withBadRows } from '../../src/emulator/rows.js';

function rowsOf(definition: JsonObject, count: number, seed = 1): unknown[] {
  const rows = createRows(seed, definition);
  return Array.from({ length: count }, (_, index) => rows.row(index));
}

function rowsFor(output_schema: JsonObject, count = 200): unknown[] {
  return rowsOf({ name: 'a task', output_schema }, count);
}

const PRODUCT = {
  type: 'object',
  required: ['sku', 'title', 'price', 'note'],
  properties: {
    sku: { type: 'string' },
    title: { type: 'string', minLength: 3, maxLength: 20 },
    price: { type: 'string' },
    listPrice: { type: 'number', minimum: 0 },
    currency: { type: 'string' },
    rating: { type: ['number', 'null'], minimum: 1, maximum: 5 },
    in_stock: { type: 'boolean' },
    condition: { enum: ['new', 'used', null] },
    image: { type: 'string', format: 'media' },
    url: { type: 'string', format: 'uri' },
    contact: { type: 'string', format: 'email' },
    seen_at: { type: 'string', format: 'date-time' },
    released: { type: 'string', format: 'date' },
    guid: { type: 'string', format: 'uuid' },
    share: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.001 },
    level: { type: 'integer', minimum: 3, maximum: 4 },
    below: { type: 'integer', exclusiveMaximum: -5 },
    code: { const: 42 },
    tags: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    specs: { type: 'object', required: ['weight'], properties: { weight: { type: 'integer', minimum: 1 } } },
    maker: { anyOf: [{ $ref: '#/$defs/maker' }, { type: 'null' }] },
    both: { allOf: [{ type: 'object', properties: { a: { type: 'integer' } } }, { required: ['a', 'b'] }] },
  },
  $defs: { maker: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
} satisfies JsonObject;

describe('bad rows', () => {
  const columns = ['sku', 'price'];
  const rows = { columns, row: (index: number) => ({ sku: String(index), price: index }) };
  const badOf = (share: number): number[] => {
    const { row } = withBadRows(rows, share);
    return Array.from({ length: 100 }, (_, index) => index).filter(
      (index) => (row(index) as JsonObject)['price'] === null,
    );
  };

  it('are so many as was asked for, evenly spread, and keep their other fields', () => {
    expect(badOf(0)).toEqual([]);
    expect(badOf(0.03)).toEqual([16, 49, 83]);
    expect(badOf(0.29)).toHaveLength(29);
    expect(badOf(1)).toHaveLength(100);
    expect(withBadRows(rows, 1).row(7)).toEqual({ sku: '7', price: null });
  });

  it('are null where a row has no fields', () => {
    expect(withBadRows({ columns: [], row: () => 5 }, 1).row(0)).toBeNull();
  });
});

describe('rows', () => {
  it('satisfy the schema that the task asks for', () => {
    const ajv = new Ajv({ strict: false });
    ajvFormats.default.default(ajv);
    ajv.addFormat('media', /^https:/);
    const validate = ajv.compile(PRODUCT);
    const wrong = rowsFor(PRODUCT, 2000).flatMap((row) => (validate(row) ? [] : [{ row, errors: validate.errors }]));
    expect(wrong).toEqual([]);
  });

  it('are null now and then where the schema allows it, but never in what tells rows apart', () => {
    const nullable = { type: ['string', 'null'] };
    const rows = rowsFor({ type: 'object', properties: { sku: nullable, color: nullable } }) as Record<
      string,
      unknown
    >[];
    expect(rows.some((row) => row['color'] === null)).toBe(true);
    expect(rows.some((row) => row['color'] !== null)).toBe(true);
    expect(rows.every((row) => typeof row['sku'] === 'string')).toBe(true);
  });

  it('look like products where the names say so', () => {
    const definition = { urls: ['https://shop.test/list?page=2'], output_schema: PRODUCT };
    const rows = rowsOf(definition, 500) as Record<string, string>[];
    for (const row of rows) {
      expect(row['price']).toMatch(/^\d+\.\d\d$/);
      expect(row['currency']).toMatch(/^(EUR|USD|GBP)$/);
      expect(row['url']).toMatch(/^https:\/\/shop\.test\/p\/[a-z\d-]+$/);
    }
    expect(new Set(rows.map((row) => row['sku'])).size).toBe(500);
    expect(new Set(rows.map((row) => row['url'])).size).toBe(500);
  });

  it('are the same for the same seed and definition, in whatever order its keys stand', () => {
    const output_schema = { type: 'object', properties: { sku: {}, title: {}, price: {} } };
    const [row] = rowsOf({ name: 'a', output_schema }, 1);
    expect(rowsOf({ output_schema, name: 'a' }, 1)).toEqual([row]);
    expect(rowsOf({ name: 'b', output_schema }, 1)).not.toEqual([row]);
    expect(rowsOf({ name: 'a', output_schema }, 1, 2)).not.toEqual([row]);
  });

  it('are each known without the ones before', () => {
    const rows = createRows(1, { name: 'a' });
    expect(rows.row(9_999_999)).toEqual(createRows(1, { name: 'a' }).row(9_999_999));
  });

  it.each([
    ['an array', { type: 'array', items: { type: 'object', properties: { sku: {} } } }],
    [
      'an object with an array of items',
      { type: 'object', properties: { total: {}, items: { items: { properties: { sku: {} } } } } },
    ],
  ])('are the elements where the schema is %s', (_what, schema) => {
    const rows = createRows(1, { name: 'a', output_schema: schema });
    expect(rows.columns).toEqual(['sku']);
    expect(rows.row(0)).toEqual({ sku: expect.stringMatching(/^[A-Z\d]{6}-000001$/) });
  });

  it('are whole objects where more than one property could hold them', () => {
    const schema = { type: 'object', properties: { items: { type: 'array' }, rows: { type: 'array' } } };
    expect(createRows(1, { output_schema: schema }).columns).toEqual(['items', 'rows']);
  });

  it.each([[undefined], [{}], [{ type: 'object' }], [{ type: 'array' }]])(
    'have title, url and price where the schema is %j',
    (schema) => {
      const [row] = rowsOf({ name: 'a', ...(schema ? { output_schema: schema } : {}) }, 1);
      expect(Object.keys(row as object)).toEqual(['title', 'url', 'price']);
    },
  );

  it('may be plain values', () => {
    expect(rowsFor({ type: 'array', items: { type: 'integer', minimum: 4, maximum: 4 } }, 2)).toEqual([4, 4]);
  });

  it('come to an end where the schema refers to itself', () => {
    const node = { type: 'object', properties: { name: {}, children: { type: 'array', items: { $ref: '#' } } } };
    expect(JSON.stringify(rowsFor(node, 1)).length).toBeLessThan(1_000_000);
    expect(rowsFor({ $ref: '#' }, 1)).toHaveLength(1);
  });
});
