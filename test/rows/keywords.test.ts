import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { createExaminer } from '../../src/rows/examiner.js';

function judge(text: string, it: Json, options: { readonly coerce?: boolean } = {}): string | undefined {
  const outputSchema = { type: 'object', properties: { it } };
  const examiner = createExaminer({ outputSchema, format: 'json', ...options });
  return examiner.examine({ text, value: JSON.parse(text) as Json });
}

describe('uniqueItems', () => {
  const UNIQUE = { type: 'array', uniqueItems: true };

  it('compares 20,000 objects with one another', () => {
    const items = Array.from({ length: 20_000 }, (_, i) => ({ i, tags: ['x', { y: i }] }));
    expect(judge(JSON.stringify({ it: items }), UNIQUE)).toBeUndefined();
    expect(judge(JSON.stringify({ it: [...items, { tags: ['x', { y: 7 }], i: 7 }] }), UNIQUE)).toBe(
      '/it: must NOT have duplicate items (items ## 7 and 20000 are identical)',
    );
  });

  it('tells equal items as JSON Schema does', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 6 }), (values) => {
        const items = JSON.parse(JSON.stringify(values)) as Json[];
        const areAny = items.some((item, index) =>
          items.slice(0, index).some((other) => isDeepStrictEqual(item, other)),
        );
        expect(judge(JSON.stringify({ it: items }), UNIQUE) !== undefined).toBe(areAny);
      }),
    );
  });

  it.each(['[1,"1",true,"true",null,"null",[],"[]",{},"{}"]', '[[1,[2]],[[1],2]]', '[{"a":"b"},{"b":"a"}]'])(
    'takes %s for different ones',
    (items) => {
      expect(judge(`{"it":${items}}`, UNIQUE)).toBeUndefined();
    },
  );
});

describe('multipleOf', () => {
  const CENTS = { type: 'number', multipleOf: 0.01 };

  it('takes every price', () => {
    const prices = Array.from(
      { length: 5_000 },
      (_, cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`,
    );
    expect(prices.filter((price) => judge(`{"it":${price}}`, CENTS) !== undefined)).toEqual([]);
  });

  it.each<[string, Json, string | undefined]>([
    ['{"it":4.355}', CENTS, '/it: must be multiple of 0.01'],
    ['{"it":7}', { multipleOf: 2 }, '/it: must be multiple of 2'],
    ['{"it":8}', { multipleOf: 2 }, undefined],
    ['{"it":9007199254740993}', { multipleOf: 2 }, '/it: must be multiple of 2'],
    ['{"it":0.1000000000000000055}', CENTS, '/it: must be multiple of 0.01'],
    ['{"it":12345678901234567.01}', CENTS, undefined],
    [
      '{"it":[{"a/~b":[[0, "]"], 12345678901234567.011 ]}]}',
      { items: { properties: { 'a/~b': { items: { multipleOf: 0.01 } } } } },
      '/it/0/a~1~0b/1: must be multiple of 0.01',
    ],
    ['{"it":1e-300}', CENTS, '/it: must be multiple of 0.01'],
    ['{"it":[1e-400]}', { items: CENTS }, '/it/0: must be multiple of 0.01'],
    ['{"it":[1e400]}', { items: CENTS }, undefined],
  ])('judges the digits of %s', (text, schema, reason) => {
    expect(judge(text, schema)).toBe(reason);
  });

  it('judges what a text is read as', () => {
    expect(judge('{"it":" 12345678901234567.01 "}', CENTS, { coerce: true })).toBeUndefined();
    expect(judge('{"it":"12345678901234567.011"}', CENTS, { coerce: true })).toBe('/it: must be multiple of 0.01');
    const list = { type: 'array', items: CENTS };
    expect(judge('{"it":"[1, 0.1000000000000000055]"}', list, { coerce: true })).toBe(
      '/it/1: must be multiple of 0.01',
    );
  });
});
