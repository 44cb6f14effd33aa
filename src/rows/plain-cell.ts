import type { ColumnType } from '../domain/rows.js';

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
/** In UTC, to the microsecond, on a day that is in every year. */
const MOMENT =
  /^"[1-9]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z"$/;
/** Also within a text, which costs time and nothing else. Written out, because a repetition takes longer. */
const MANY_DIGITS = new RegExp(String.raw`[\d.]`.repeat(16));
const EXPONENT = /\d[eE][\d+-]/;
const NEEDLESS_ESCAPE = /\\[u/]/;
