import { withoutTrailingZeros } from '../../domain/json.js';
import type { ColumnType } from '../../domain/rows.js';
import { sortableInstant } from '../row-order.js';

/**
 * One text for values that Postgres, too, takes for equal: escapes in strings, digits of numbers and offsets of
 * timestamps may be written differently. Objects and arrays are compared as they are written.
 *
 * @returns undefined for null: it is no value
 */
export function canonicalValue(type: ColumnType | undefined, raw: string | undefined): string | undefined {
  if (raw === undefined || raw === 'null') {
    return undefined;
  }
  if (raw.startsWith('"')) {
    const text = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
    return JSON.stringify(type === 'timestamptz' ? sortableInstant(text) : text);
  }
  return canonicalNumber(raw) ?? raw;
}

function canonicalNumber(raw: string): string | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(raw);
  if (match === null) {
    return undefined;
  }
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = withoutTrailingZeros(whole + fraction);
  const significant = digits.replace(/^0+/, '');
  return significant === '' ? '0' : `${sign}${significant}e${Number(exponent) + whole.length - digits.length}`;
}
