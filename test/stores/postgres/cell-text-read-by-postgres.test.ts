import * as fc from 'fast-check';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../../src/domain/rows.js';
import { UnfitCell } from '../../../src/stores/postgres/cell-text.js';
import { CELL_COPIERS } from '../../../src/stores/postgres/copy-cell.js';
import { withPostgres } from './with-postgres.js';

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
const wholes = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String);
const numbers = fc
  .tuple(fc.constantFrom('', '-'), digits(40), fc.option(digits(40)), fc.option(fc.integer({ min: -60, max: 60 })))
  .map(([sign, whole, decimals, exponent]) => {
    const left = whole.replace(/^0+(?=\d)/, '');
    return `${sign}${left}${decimals === null ? '' : `.${decimals}`}${exponent === null ? '' : `e${exponent}`}`;
  });
const LONG_NUMBERS = [
  '1e16000',
  '-1e-16000',
  '10e-16000',
  '1.5e99999',
  '0e99999',
  `0.${'7'.repeat(15_000)}`,
  `${'123'.repeat(5000)}.5`,
  `0.${'1'.repeat(400)}e-16000`,
  `0.${'1'.repeat(10_000)}e-9999`,
  '7'.repeat(131_072),
  '7'.repeat(131_073),
  `${'7'.repeat(125_000)}e9999`,
];
const moments = fc
  .tuple(
    fc.constantFrom('0000', '0001', '0099', '1900', '2000', '2024', '9999'),
    fc.constantFrom('01-01', '02-28', '02-29', '02-30', '06-30', '06-31', '12-31', '13-01'),
    fc.constantFrom('T', 't', ' '),
    fc.constantFrom('00:00:00', '10:30:59', '10:30:60', '23:59:59', '23:59:60', '24:00:00', '10:60:00'),
    fc.option(digits(12)),
    fc.constantFrom('Z', 'z', '+00', '-15:59', '+15:59', '+0530', '+16:00', '-12:60', ''),
  )
  .map(([year, day, between, clock, fraction, zone]) =>
    JSON.stringify(`${year}-${day}${between}${clock}${fraction === null ? '' : `.${fraction}`}${zone}`),
  );
const texts = fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text));
const json = fc
  .tuple(fc.jsonValue(), fc.constantFrom(undefined, '\t', ' '))
  .map(([value, indent]) => JSON.stringify([value], undefined, indent));
const ODD_TEXTS = ['"\\\\N"', '"\\\\."', String.raw`"\u00e9\n"`, String.raw`"\ud83d"`, String.raw`"a\u0000b"`];

/** Raw JSON of cells; not all of them fit. */
const RAWS: Readonly<Record<ColumnType, fc.Arbitrary<string>>> = {
  text: fc.oneof(texts, numbers, fc.constantFrom('true', ...ODD_TEXTS)),
  timestamptz: moments,
  bigint: fc.oneof(wholes, numbers, fc.constantFrom('-0', '9223372036854775808', '-9223372036854775808')),
  numeric: fc.oneof(numbers, wholes, fc.constantFrom('-0', '-0.00', '0e5', '0.10000', ...LONG_NUMBERS)),
  boolean: fc.constantFrom('true', 'false', '1'),
  jsonb: fc.oneof(
    json,
    numbers,
    texts,
    fc.constantFrom(...LONG_NUMBERS, ...ODD_TEXTS).map((odd) => `[{"a" : ${odd}}]`),
  ),
};

const TYPES = Object.keys(RAWS) as ColumnType[];

function lineOf(type: ColumnType, raw: string): string | undefined {
  try {
    return `${CELL_COPIERS[type](raw)}\n`;
  } catch (error) {
    if (error instanceof UnfitCell) return undefined;
    throw error;
  }
}

describe.each([16, 18] as const)('what a cell that fits becomes', (major) => {
  const postgres = withPostgres(major);

  // One that Postgres refuses would fail a whole load.
  it.each(TYPES)(`is taken by Postgres ${major}, in a %s column`, async (type) => {
    const lines = fc.sample(RAWS[type], 5000).flatMap((raw) => lineOf(type, raw) ?? []);
    await postgres.client.query(`CREATE TABLE as_${type} (cell ${type})`);
    await pipeline(Readable.from(lines), postgres.client.query(copyFrom(`COPY as_${type} FROM STDIN`)));
    expect(await postgres.valuesOf(`SELECT count(*)::int FROM as_${type}`)).toEqual([lines.length]);
    expect(lines.length).toBeGreaterThan(500);
  });
});
