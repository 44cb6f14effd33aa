import type { ColumnType } from '../domain/rows.js';
import { PLAIN_MOMENT } from './plain-texts.js';

/**
 * Whether any reader of JSON gets the same from a value as we do, whatever it makes of numbers with more digits than a
 * double has, of moments in other forms, and of escapes that can be written shorter.
 *
 * @param raw the value's JSON text; its column can hold it
 */
export function isPlainCell(type: ColumnType, raw: string): boolean {
  if (raw === 'null') return true;
  switch (type) {
    case 'text':
    case 'boolean':
      return true;
    case 'bigint':
      return WHOLE.test(raw);
    case 'numeric':
      return DECIMAL.test(raw);
    case 'timestamptz':
      return MOMENT.test(raw);
    case 'jsonb':
      return !MANY_DIGITS.test(raw) && !EXPONENT.test(raw) && !(raw.includes('\\') && NEEDLESS_ESCAPE.test(raw));
  }
}

const WHOLE = /^-?\d{1,18}$/;
const DECIMAL = /^-?(?=[\d.]{1,16}$)\d+(?:\.\d+)?$/;
const MOMENT = new RegExp(`^"${PLAIN_MOMENT}"$`);
/** Also within a text, which costs time and nothing else. Written out, because a repetition takes longer. */
const MANY_DIGITS = new RegExp(String.raw`[\d.]`.repeat(16));
const EXPONENT = /\d[eE][\d+-]/;
const NEEDLESS_ESCAPE = /\\[u/]/;
