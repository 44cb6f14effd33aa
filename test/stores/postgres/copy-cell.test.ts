import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ColumnType } from '../../../src/domain/rows.js';
import { cellText } from '../../../src/stores/postgres/cell-text.js';
import { CELL_COPIERS } from '../../../src/stores/postgres/copy-cell.js';
import { copyField } from '../../../src/stores/postgres/copy-text.js';

const TYPES = Object.keys(CELL_COPIERS) as ColumnType[];
const NUMBERS = ['0', '-1', '1.50', '1e3', '1e99999', '9223372036854775808', '12345678901234567890.5', '-0.0'];
const TEXTS = [
  '2026-02-28T10:00:00Z',
  '2026-02-30T10:00:00Z',
  '0000-01-01T00:00:00Z',
  'a\tb',
  '\\N',
  '\\.',
  '1e99999',
  '',
];

/** Raw JSON texts, as a cell may have them. */
const raws = fc.oneof(
  fc.constantFrom('null', 'true', 'false', ...NUMBERS),
  fc.constantFrom(...TEXTS).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)),
  fc
    .tuple(fc.jsonValue(), fc.constantFrom(undefined, '\t', ' '))
    .map(([value, indent]) => JSON.stringify([value], undefined, indent)),
);

function outcome(work: () => string): string {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

it('copies a cell as the long way would', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), raws, (type, raw) => {
      expect(outcome(() => CELL_COPIERS[type](raw))).toBe(outcome(() => copyField(cellText(type, raw))));
    }),
    { numRuns: 5000 },
  );
});
