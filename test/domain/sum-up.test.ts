import { expect, it } from 'vitest';
import { sumUp } from '../../src/domain/sum-up.js';

it('joins reasons, and stays small', () => {
  expect(sumUp(['a', 'b'])).toBe('a; b');
  const many = sumUp(Array.from({ length: 500 }, (_, index) => `${index} ${'x'.repeat(60_000)}`));
  expect(many.length).toBeLessThan(4_500);
  expect(many).toMatch(/^0 x+… \(59602 more bytes\); 1 x.*; and 490 more$/u);
  expect(sumUp(['x'.repeat(3_000)])).toHaveLength(3_000);
});
