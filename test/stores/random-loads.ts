import * as fc from 'fast-check';
import type { Column, ColumnType } from '../../src/domain/rows.js';

/** A load of random rows into a table of any store, with values that its columns may not hold. */
export interface RandomLoad {
  readonly columns: readonly Column[];
  readonly cells: readonly (readonly (string | undefined)[])[];
  readonly mode: 'append' | 'replace' | 'merge';
}

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '',
    'a',
    'A',
    ' a',
    'a\tb',
    'a\nb',
    '\\N',
    '\\.',
    '"',
    "'",
    '=1+1',
    '📱',
    'ß',
    '\0',
    '\ud800',
    '\u2028',
  ),
  fc.string({ minLength: 2_650, maxLength: 2_660 }),
);
const VALUES: Readonly<Record<ColumnType, fc.Arbitrary<string>>> = {
  text: texts.map((text) => JSON.stringify(text)),
  bigint: fc.oneof(
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
    fc.constantFrom('0', '-0', '1e3', '1.0', '1.5', '9223372036854775807', '9223372036854775808'),
  ),
  numeric: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('0.10', '1e400', '1e-400', '123456789012345678901234567890.5', '-0', '1E5'),
  ),
  boolean: fc.constantFrom('true', 'false'),
  timestamptz: fc
    .constantFrom(
      '2026-02-28T01:02:03Z',
      '2026-02-30T00:00:00Z',
      '2026-01-01T23:59:60Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999999Z',
      '2026-01-01T00:00:00+15:59',
      '2026-01-01T00:00:00.1234567-02:00',
    )
    .map((text) => JSON.stringify(text)),
  jsonb: fc.oneof(fc.json({ maxDepth: 2 }), fc.constantFrom(String.raw`"\u0000"`, String.raw`["\ud800"]`, '{"a":1e9}')),
};

const columnType = fc.constantFrom<ColumnType>('text', 'bigint', 'numeric', 'boolean', 'timestamptz', 'jsonb');

export const randomLoad: fc.Arbitrary<RandomLoad> = fc
  .array(columnType, { minLength: 1, maxLength: 4 })
  .chain((types) => {
    const columns: readonly Column[] = [
      { name: 'key', type: 'text' },
      ...types.map((type, n): Column => ({ name: `v${n}`, type })),
    ];
    const cell = (type: ColumnType) =>
      fc.oneof({ arbitrary: VALUES[type], weight: 8 }, fc.constant('null'), fc.constant(undefined));
    return fc.record({
      columns: fc.constant(columns),
      cells: fc.array(fc.tuple(...columns.map(({ type }) => cell(type))), { maxLength: 25 }),
      mode: fc.constantFrom('append', 'replace', 'merge'),
    });
  });
