import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { schemaColumns } from '../../src/rows/columns.js';
import { rowSchema } from '../../src/rows/row-schema.js';
import { failure } from './split.js';

const product = { type: 'object', properties: { name: { type: 'string' }, price: { type: 'number' } } };
const columns = [
  { name: 'name', type: 'text' },
  { name: 'price', type: 'numeric' },
];

describe('the schema of a row', () => {
  const keys = ['name', 'price'];
  it.each<[string, Json, string | undefined, string, readonly string[]]>([
    ['the whole, if it is an object', product, undefined, '', keys],
    ['the items of an array', { type: 'array', items: product }, undefined, '/items', []],
    ['the items of an array that names no type', { items: product }, undefined, '/items', []],
    ['the items of an array that may be null', { type: ['null', 'array'], items: product }, undefined, '/items', []],
    [
      'the items under its only key',
      { type: 'object', properties: { rows: { type: 'array', items: product } } },
      undefined,
      '/properties/rows/items',
      [],
    ],
    [
      'the items where `records` leads to',
      { properties: { data: { properties: { 'a b~': { type: 'array', items: product } } }, total: {} } },
      'data.a b~',
      '/properties/data/properties/a%20b~0/items',
      [],
    ],
    [
      'what its references lead to',
      {
        $ref: '#/definitions/list',
        definitions: { list: { type: 'array', items: { $ref: '#/$defs/a~1b' } } },
        $defs: { 'a/b': product },
      },
      undefined,
      '/$defs/a~1b',
      [],
    ],
    ['the whole, where `records` leads to nothing in it', product, 'data.items', '', keys],
  ])('is %s', (_, schema, records, pointer, rowKeys) => {
    const found = rowSchema(schema, records);
    expect(found).toMatchObject({ pointer, properties: keys });
    expect([...found.rowKeys]).toStrictEqual(rowKeys);
    expect(schemaColumns(schema, records)).toStrictEqual(columns);
  });

  it('is the whole where a key that could hold rows is one property of several', () => {
    const order = { properties: { id: { type: 'integer' }, items: { type: 'array', items: product } } };
    expect([...rowSchema(order).rowKeys]).toStrictEqual(['id', 'items']);
    expect(schemaColumns(order)).toStrictEqual([
      { name: 'id', type: 'bigint' },
      { name: 'items', type: 'jsonb' },
    ]);
  });

  it.each<[string, Json | undefined]>([
    ['without a schema', undefined],
    ['with a schema that is no object', true],
    ['with a schema that names no properties', { type: 'object' }],
    ['with an array of anything', { type: 'array' }],
    ['with a reference in a circle', { $ref: '#' }],
    ['with a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
  ])('names no columns %s', (_, schema) => {
    expect(schemaColumns(schema)).toBeUndefined();
    expect([...rowSchema(schema).rowKeys]).toStrictEqual([]);
  });
});

describe('a column', () => {
  it.each<[Json, string]>([
    [{ type: 'string' }, 'text'],
    [{ type: 'string', format: 'media' }, 'text'],
    [{ type: 'string', format: 'date-time' }, 'timestamptz'],
    [{ type: 'string', format: 'date' }, 'text'],
    [{ type: 'integer' }, 'bigint'],
    [{ type: 'number' }, 'numeric'],
    [{ type: 'boolean' }, 'boolean'],
    [{ type: 'object' }, 'jsonb'],
    [{ type: 'array' }, 'jsonb'],
    [{}, 'jsonb'],
    [true, 'jsonb'],
    [{ type: 'null' }, 'text'],
    [{ type: ['string', 'null'], format: 'date-time' }, 'timestamptz'],
    [{ type: ['integer', 'null'] }, 'bigint'],
    [{ type: ['integer', 'number'] }, 'numeric'],
    [{ type: ['integer', 'string'] }, 'jsonb'],
    [{ type: 'integer', nullable: true }, 'bigint'],
    [{ enum: ['a', 'b', null] }, 'text'],
    [{ const: 'a' }, 'text'],
    [{ enum: [1, 2] }, 'jsonb'],
    [{ enum: ['a', 1] }, 'jsonb'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'bigint'],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, 'numeric'],
    [{ anyOf: [{ type: 'string' }, { type: 'string', format: 'date-time' }] }, 'text'],
    [{ anyOf: [{ type: 'string' }, {}] }, 'jsonb'],
    [{ allOf: [{ minimum: 1 }, { type: 'integer' }] }, 'bigint'],
    [{ $ref: '#/definitions/money' }, 'numeric'],
    [{ $ref: '#/definitions/circle' }, 'jsonb'],
    [{ $ref: '#/definitions/nothing' }, 'jsonb'],
  ])('with the schema %j is %s', (property, type) => {
    const definitions = { money: { type: 'number' }, circle: { $ref: '#/definitions/circle' } };
    expect(schemaColumns({ properties: { it: property }, definitions })).toStrictEqual([{ name: 'it', type }]);
  });

  it('comes from `allOf` and `$ref` too, once for each name', () => {
    const schema = {
      properties: { id: {} },
      allOf: [{ properties: { id: { type: 'integer' }, name: { type: 'string' } } }, { $ref: '#/definitions/base' }],
      definitions: { base: { properties: { more: { type: 'boolean' } } } },
    };
    expect(schemaColumns(schema)).toStrictEqual([
      { name: 'id', type: 'bigint' },
      { name: 'name', type: 'text' },
      { name: 'more', type: 'boolean' },
    ]);
  });

  it('may have any name, but not one that is reserved', () => {
    const named = (name: string): Json =>
      JSON.parse(`{"properties":{${JSON.stringify(name)}:{"type":"string"}}}`) as Json;
    for (const name of ['__proto__', 'constructor', 'a "b"', 'é']) {
      expect(schemaColumns(named(name))).toStrictEqual([{ name, type: 'text' }]);
    }
    expect(failure(() => schemaColumns(named('_titan_row')))).toMatchObject({
      reason: 'unusable',
      message: expect.stringContaining('"_titan_row"'),
    });
  });
});
