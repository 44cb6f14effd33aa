import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { rowDigits } from '../../src/stores/row-digits.js';

it('writes the number of any row as JavaScript does', () => {
  const number = fc.oneof(fc.nat({ max: 2_100 }), fc.maxSafeNat());
  fc.assert(
    fc.property(number, (row) => {
      expect(rowDigits(row)).toBe(String(row));
    }),
  );
});
