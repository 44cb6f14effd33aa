import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../src/domain/rows.js';
import { requireDistinctNames } from '../../src/stores/distinct-names.js';
import { typedCell } from '../../src/stores/typed-cell.js';
import { createTypedRow } from '../../src/stores/typed-row.js';

describe('a cell of a typed column', () => {
  it.each<[ColumnType, string, string]>([
    ['text', '"a\\u00e9\\ud83d\\ude00\\\\u0000"', '"a\\u00e9\\ud83d\\ude00\\\\u0000"'],
    ['text', '1.10', '"1.10"'],
    ['numeric', '1.10', '1.1'],
    ['numeric', '007', '7'],
    ['numeric', '-0.00', '0'],
    ['numeric', '1e21', '1e+21'],
    ['numeric', '0.1000000000000000055511151231257827', '0.1'],
    ['bigint', '-12', '-12'],
    ['bigint', '007', '7'],
    ['bigint', '1.0', '1'],
    ['bigint', '12e2', '1200'],
    ['bigint', '-0', '0'],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['bigint', '-9223372036854775808', '-9223372036854775808'],
    ['boolean', 'true', 'true'],
    ['boolean', 'null', 'null'],
    ['timestamptz', '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00Z"'],
    ['timestamptz', '"2026-01-01t02:00:00.100+02:30"', '"2025-12-31T23:30:00.1Z"'],
    ['timestamptz', '"2016-12-31T23:59:60.5Z"', '"2017-01-01T00:00:00.5Z"'],
    ['timestamptz', '"2026-01-01T00:00:00.123456789Z"', '"2026-01-01T00:00:00.123456Z"'],
    ['timestamptz', '"0001-01-01T00:00:00Z"', '"0001-01-01T00:00:00Z"'],
    ['timestamptz', String.raw`"2026\u002d01-01T00:00:00Z"`, '"2026-01-01T00:00:00Z"'],
    ['jsonb', '{"a":\n1.10}', '{"a": 1.10}'],
  ])('of type %s is %s as %s', (type, raw, cell) => {
    expect(typedCell(type, raw)).toBe(cell);
  });

  it.each<[ColumnType, string, RegExp]>([
    ['text', String.raw`"nul\u0000"`, /NUL/],
    ['text', String.raw`"\ud83d"`, /half a character/],
    ['text', String.raw`"\ude00\ud83d"`, /half a character/],
    ['jsonb', String.raw`["\u0000"]`, /NUL/],
    ['numeric', '1e999', /too big for a double/],
    ['numeric', '"1"', /not a number/],
    ['bigint', '9223372036854775808', /too big/],
    ['bigint', '1e99', /too big/],
    ['bigint', '1.5', /not an integer/],
    ['bigint', 'true', /not a number/],
    ['boolean', '1', /not a boolean/],
    ['timestamptz', '"yesterday"', /not an RFC 3339/],
    ['timestamptz', '1', /not an RFC 3339/],
    ['timestamptz', '"2026-02-29T00:00:00Z"', /that exists/],
    ['timestamptz', '"2026-01-01T24:00:00Z"', /that exists/],
    ['timestamptz', '"0001-01-01T00:00:00+01:00"', /years 1 to 9999/],
    ['timestamptz', '"0000-01-01T00:00:00Z"', /years 1 to 9999/],
  ])('of type %s cannot be %s', (type, raw, reason) => {
    expect(typedCell(type, raw)).toEqual({ unfit: expect.stringMatching(reason) });
  });

  it('is the same when it is typed once more, and the double that it was', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const cell = typedCell('numeric', JSON.stringify(value)) as string;
        expect(Number(cell)).toBe(value + 0);
        expect(typedCell('numeric', cell)).toBe(cell);
      }),
    );
  });

  it('is the same moment on every day of four years, and no other day is one', () => {
    const days = Array.from({ length: 4 * 365 + 1 }, (_, day) =>
      new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10),
    );
    expect(days.filter((day) => typedCell('timestamptz', `"${day}T23:59:59Z"`) !== `"${day}T23:59:59Z"`)).toEqual([]);
    const none = ['2025-02-29', '2026-02-30', '2026-04-31', '2026-11-31', '2026-13-01', '2026-00-10', '2026-01-00'];
    for (const day of [...none, '2026-01-32', '2100-02-29']) {
      expect(typedCell('timestamptz', `"${day}T00:00:00Z"`)).toEqual({ unfit: 'no date and time that exists' });
    }
  });

  it('is an integer in a column of doubles only where no digit is lost', () => {
    expect(typedCell('numeric', '9007199254740992', 'bigint')).toBe('9007199254740992');
    expect(typedCell('numeric', '9007199254740993', 'bigint')).toEqual({
      unfit: 'has more digits than a double holds',
    });
  });
});

describe('a typed row', () => {
  const row = { execution: 'e', row: 1, at: '2026-01-01T01:00:00.50+01:00' };
  const columns = [
    { name: 'sku', type: 'text' },
    { name: 'stock', type: 'bigint' },
  ] as const;

  it('has typed cells, and leaves out what is missing', () => {
    expect(createTypedRow(columns)({ ...row, cells: [undefined, '1.0'] })).toEqual({
      ...row,
      at: '2026-01-01T00:00:00.5Z',
      cells: [undefined, '1'],
    });
  });

  it('is a reason where a column cannot hold a value', () => {
    expect(createTypedRow(columns)({ ...row, cells: ['"x"', '1.5'] })).toBe('"stock" not an integer');
    expect(createTypedRow(columns)({ ...row, at: 'noon', cells: [] })).toMatch(/^"_titan_at" not an RFC 3339/);
  });
});

describe('names of columns', () => {
  it('must differ by more than the case of A to Z', () => {
    const named = (...names: readonly string[]) => names.map((name) => ({ name }));
    expect(() => requireDistinctNames('t', named('sku', 'price', 'Größe', 'GRÖßE'))).not.toThrow();
    expect(() => requireDistinctNames('t', named('sku', 'SKU'))).toThrow(
      'Table "t": its columns "sku" and "SKU" differ only in case, which DuckDB does not tell apart; rename one of them.',
    );
    expect(() => requireDistinctNames('t', named('_Titan_At'))).toThrow('differ only in case');
  });
});
