import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/domain/rows.js';
import { createDistinctKeys } from '../../../src/stores/postgres/distinct-keys.js';

const COLUMNS: readonly Column[] = [
  { name: 'sku', type: 'text' },
  { name: 'shop', type: 'bigint' },
  { name: 'price', type: 'numeric' },
];

interface Given {
  readonly key?: readonly string[];
  readonly types?: readonly Column[];
  readonly isPlain?: boolean;
  readonly announced?: number;
}

function areDistinct(rows: Iterable<readonly string[]>, count: number, given: Given = {}): boolean {
  const { key = ['sku', 'shop'], types = COLUMNS, isPlain = true, announced = count } = given;
  const keys = createDistinctKeys(COLUMNS, types, key, announced);
  for (const cells of rows) keys.add({ execution: 'e', row: 0, at: '', cells, isPlain });
  return keys.areSurelyDistinct;
}

function* numbered(count: number): Generator<readonly string[]> {
  for (let index = 0; index < count; index += 1) yield [`"SKU-${String(index).padStart(9, '0')}"`, '7', '1'];
}

describe('keys', () => {
  it.each([1, 2, 1_000, 300_000])('that are distinct are told to be, %i of them', (count) => {
    expect(areDistinct(numbered(count), count)).toBe(true);
  });

  it('of which two are the same are never told to be distinct', () => {
    const parts = fc.constantFrom('"a"', '"b"', '"ab"', '"é"', '""');
    const rows = fc.array(fc.tuple(parts, fc.constantFrom('1', '11', '2')), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rows, (cells) => {
        expect(areDistinct(cells, cells.length)).toBe(new Set(cells.map(String)).size === cells.length);
      }),
    );
  });

  it.each<[string, readonly string[], boolean]>([
    ['as they stand', ['"a b"', '-12'], true],
    ['with escapes', [String.raw`"\u0061"`, '1'], false],
    ['with needless zeros', ['"a"', '-0'], false],
    ['as a null', ['null', '1'], false],
  ])('of rows that are not plain are taken where they are written %s', (_, cells, expected) => {
    expect(areDistinct([cells], 1, { isPlain: false })).toBe(expected);
  });

  it.each<[string, Given]>([
    ['have another type in the table', { types: COLUMNS.map(({ name }) => ({ name, type: 'numeric' })) }],
    ['are numbers that can be written in several ways', { key: ['price'] }],
    ['are more than was said', { announced: 1 }],
    ['are too many to remember', { announced: 20_000_000 }],
    ['have no columns', { key: [] }],
  ])('are left to the server where they %s', (_, given) => {
    expect(areDistinct(numbered(2), 2, given)).toBe(false);
  });

  it('are left to the server where a zero is negative', () => {
    expect(
      areDistinct(
        [
          ['"a"', '0'],
          ['"a"', '-0'],
        ],
        2,
      ),
    ).toBe(false);
  });
});
