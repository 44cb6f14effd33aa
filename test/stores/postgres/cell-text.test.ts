import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../src/domain/rows.js';
import { cellText } from '../../../src/stores/postgres/cell-text.js';

describe('the text of a cell', () => {
  it.each<[ColumnType, string, string | null]>([
    ['bigint', '1.0', '1'],
    ['bigint', '1e3', '1000'],
    ['bigint', '-12.50E1', '-125'],
    ['bigint', '0.0', '0'],
    ['bigint', '-0', '-0'],
    ['bigint', '0e999999999', '0'],
    ['bigint', '100e-2', '1'],
    ['bigint', '9223372036854775807', '9223372036854775807'],
    ['bigint', '-9.223372036854775808e18', '-9223372036854775808'],
    ['numeric', '1.10', '1.10'],
    ['numeric', '1E-10', '1E-10'],
    ['text', String.raw`"a\"b\\\u00e9"`, 'a"b\\é'],
    ['text', '"null"', 'null'],
    ['text', 'null', null],
    ['text', '12', '12'],
    ['boolean', 'true', 'true'],
    ['jsonb', 'null', null],
    ['jsonb', '{"a":1.10}', '{"a":1.10}'],
    ['jsonb', `[${'7'.repeat(100_000)}]`, `[${'7'.repeat(100_000)}]`],
    ['jsonb', String.raw`"\\u0000 \ud83d\ude00"`, String.raw`"\\u0000 \ud83d\ude00"`],
    ['jsonb', '"SKU-E99999"', '"SKU-E99999"'],
    ['timestamptz', '"2024-02-29T23:59:60Z"', '2024-02-29T23:59:60Z'],
    ['timestamptz', '"2024-02-29t12:00:00.123456789+0530"', '2024-02-29t12:00:00.123456789+0530'],
  ])('in a %s column, of %s, is %s', (type, raw, text) => {
    expect(cellText(type, raw)).toBe(text);
  });

  it.each<[ColumnType, string, string]>([
    ['bigint', '1.5', 'not an integer'],
    ['bigint', '1e-1', 'not an integer'],
    ['bigint', '9223372036854775808', 'too big for bigint'],
    ['bigint', '1e999999999', 'too big for bigint'],
    ['bigint', '"1"', 'not a number'],
    ['numeric', '1e20000', 'too many digits for numeric'],
    ['numeric', `0.${'1'.repeat(400)}e-16000`, 'too many digits for numeric'],
    ['numeric', '[]', 'not a number'],
    ['text', String.raw`"a\u0000b"`, 'has a NUL character'],
    ['text', String.raw`"\ud83d"`, 'has half a character (a lone surrogate)'],
    ['jsonb', String.raw`{"a":"\u0000"}`, 'has a NUL character'],
    ['jsonb', String.raw`["\ude00\ud83d"]`, 'has half a character (a lone surrogate)'],
    ['jsonb', `[1, 0.${'1'.repeat(10_000)}e-9999]`, 'has a number with too many digits for jsonb'],
    ['jsonb', '[1e99999]', 'has a number with too many digits for jsonb'],
    ['boolean', '1', 'not a boolean'],
    ['timestamptz', '"2023-02-29T00:00:00Z"', 'not a date and time that Postgres knows'],
    ['timestamptz', '"0000-01-01T00:00:00Z"', 'not a date and time that Postgres knows'],
    ['timestamptz', '"2024-01-01T00:00:00+16:00"', 'not a date and time that Postgres knows'],
    ['timestamptz', '"2016-12-31T23:59:60.5Z"', 'not a date and time that Postgres knows'],
    ['timestamptz', '"yesterday"', 'not an RFC 3339 date and time'],
  ])('in a %s column, of %s, is refused: %s', (type, raw, message) => {
    expect(() => cellText(type, raw)).toThrow(expect.objectContaining({ name: 'UnfitCell', message }));
  });
});
