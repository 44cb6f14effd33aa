import { withoutTrailingZeros } from '../domain/json.js';
import type { UnfitValue } from './unfit-value.js';

/** The plain digits of a JSON number that is whole and fits into 64 bits. */
export function wholeNumber(raw: string): string | UnfitValue {
  if (PLAIN_INTEGER.test(raw)) {
    return raw;
  }
  const match = DECIMAL.exec(raw);
  if (match === null) {
    return { unfit: 'not a number' };
  }
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = withoutTrailingZeros(whole + fraction);
  const significant = digits.replace(/^0+/, '');
  if (significant === '') {
    return '0';
  }
  // The value is digits × 10^shift.
  const shift = Number(exponent) + whole.length - digits.length;
  if (shift < 0) {
    return { unfit: 'not an integer' };
  }
  if (significant.length + shift > MAX_BIGINT_DIGITS) {
    return { unfit: 'too big for bigint' };
  }
  const value = BigInt(sign + significant + '0'.repeat(shift));
  return BigInt.asIntN(64, value) === value ? value.toString() : { unfit: 'too big for bigint' };
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** No leading zero, and short enough to fit. */
const PLAIN_INTEGER = /^(?:0|-?[1-9]\d{0,17})$/;
/** 9,223,372,036,854,775,807 has 19. */
const MAX_BIGINT_DIGITS = 19;
