import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf, isMultiple } from '../../src/domain/decimal.js';

function multiple(value: string, divisor: string): boolean | undefined {
  const [left, right] = [decimalOf(value), decimalOf(divisor)];
  return left && right && isMultiple(left, right);
}

describe('a multiple of a decimal', () => {
  it.each([
    ['19.99', '0.01', true],
    ['0.3', '0.1', true],
    ['4.35', '0.01', true],
    ['4.355', '0.01', false],
    ['0', '0.01', true],
    ['-0.0', '7', true],
    ['1e3', '1e2', true],
    ['1.5', '1', false],
    ['12345678901234567.01', '0.01', true],
    ['12345678901234567.011', '0.01', false],
    ['0.1000000000000000055', '0.01', false],
    ['1e-400', '0.01', false],
    ['1e300', '0.001', true],
    ['1e300', '3', false],
    ['1e999999999999999999999', '1e-300', true],
    ['1e-999999999999999999999', '1e-300', false],
    ['1e300', '1e-300', true],
    ['21e9', '7e-8', true],
  ])('%s of %s: %s', (value, divisor, is) => {
    expect(multiple(value, divisor)).toBe(is);
  });

  it('is one exactly where the quotient of the two fractions is whole', () => {
    const decimal = fc
      .record({
        whole: fc.bigInt({ min: 0n, max: 10n ** 20n }),
        zeros: fc.integer({ min: 0, max: 5 }),
        fraction: fc.option(fc.stringMatching(/^\d{1,12}$/u), { nil: undefined }),
        exponent: fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined }),
        isNegative: fc.boolean(),
      })
      .map(({ whole, zeros, fraction = '', exponent, isNegative }) => {
        const digits = `${whole}${'0'.repeat(zeros)}`;
        const text = `${isNegative ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`;
        // The same number in units of 10^-50.
        const scaled = BigInt(digits + fraction) * 10n ** BigInt(50 - fraction.length + (exponent ?? 0));
        return { text, scaled };
      });
    let multiples = 0;
    fc.assert(
      fc.property(decimal, decimal, fc.nat(5), ({ text, scaled }, divisor, times) => {
        fc.pre(divisor.scaled !== 0n);
        expect(multiple(text, divisor.text)).toBe(scaled % divisor.scaled === 0n);
        const product = `${divisor.scaled * BigInt(times)}e-50`;
        expect(multiple(product, divisor.text)).toBe(true);
        multiples += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(multiples).toBe(1_000);
  });

  it('is told of as many digits as a record has', () => {
    const many = `1${'0'.repeat(100_000)}`;
    expect(multiple(`${many}1`, '0.01')).toBe(true);
    expect(multiple(`${many}1`, '2')).toBe(false);
  });
});
