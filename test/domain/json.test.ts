import { expect, it } from 'vitest';
import { withoutTrailingZeros } from '../../src/domain/json.js';

it.each([
  ['1200', '12'],
  ['1020', '102'],
  ['000', ''],
  ['', ''],
  ['7', '7'],
])('%s without the zeros at its end is %s', (digits, short) => {
  expect(withoutTrailingZeros(digits)).toBe(short);
});

it('looks at each zero once', () => {
  const digits = `1${'0'.repeat(2_000_000)}1`;
  expect(withoutTrailingZeros(`${digits}00`)).toBe(digits);
});
