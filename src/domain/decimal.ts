import { withoutTrailingZeros } from './json.js';

/** A JSON number, exactly: digits × 10^exponent. Zero has no digits; other digits do not end with a zero. */
export interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** @returns undefined where the text is no number */
export function decimalOf(text: string): Decimal | undefined {
  const parts = NUMBER.exec(text);
  if (!parts) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = withoutTrailingZeros(all);
  return { digits, exponent: Number(exponent) - fraction.length + all.length - digits.length };
}

/**
 * Whether a number is a whole multiple of another one. It takes no more digits than the two have, however small or large
 * their exponents are.
 *
 * @param divisor not zero
 */
export function isMultiple(value: Decimal, divisor: Decimal): boolean {
  if (value.digits === '') return true;
  const shift = value.exponent - divisor.exponent;
  // The value's last digit is none of 0, and would be behind the decimal point of the quotient.
  if (shift < 0) return false;
  const modulus = BigInt(divisor.digits);
  // This many tens hold all factors of 2 and 5 that the divisor has; more of them change nothing.
  const tens = 10n ** BigInt(Math.min(shift, modulus.toString(2).length));
  return ((BigInt(value.digits) % modulus) * tens) % modulus === 0n;
}

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
