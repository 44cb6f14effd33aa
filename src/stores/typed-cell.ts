import type { ColumnType } from '../domain/rows.js';
import type { UnfitValue } from './unfit-value.js';
import { wholeNumber } from './whole-number.js';

/**
 * A cell as a column of a fixed width holds it, as JSON text: a number in the shortest text that gives the same double,
 * an integer without point or exponent, a moment in UTC with up to six digits of its second. Texts and JSON stay as
 * they are; a text column takes whatever else comes as its text.
 *
 * @param type the column's; @param from the type that the rows say the value has
 */
export function typedCell(type: ColumnType, raw: string, from: ColumnType = type): string | UnfitValue {
  if (raw === 'null') {
    return raw;
  }
  return type === 'numeric' && from === 'bigint' ? wholeDouble(raw) : READERS[type](raw);
}

const READERS: Readonly<Record<ColumnType, (raw: string) => string | UnfitValue>> = {
  text: (raw) => characters(raw.startsWith('"') ? raw : JSON.stringify(raw)),
  timestamptz: instant,
  bigint: wholeNumber,
  numeric: double,
  boolean: (raw) => (raw === 'true' || raw === 'false' ? raw : { unfit: 'not a boolean' }),
  jsonb: (raw) => characters(LINE_BREAK.test(raw) ? raw.replaceAll(LINE_BREAKS, ' ') : raw),
};

/** Escapes are all that can hide a character that is none. */
function characters(raw: string): string | UnfitValue {
  if (!raw.includes('\\u')) {
    return raw;
  }
  const escaped = raw.replaceAll('\\\\', '');
  if (escaped.includes('\\u0000')) {
    return { unfit: 'has a NUL character' };
  }
  if (SURROGATE_ESCAPE.test(escaped) && LONE_SURROGATE.test(escaped.replaceAll(SURROGATE_ESCAPES, characterOf))) {
    return { unfit: 'has half a character (a lone surrogate)' };
  }
  return raw;
}

function characterOf(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function double(raw: string): string | UnfitValue {
  if (!DECIMAL.test(raw)) {
    return { unfit: 'not a number' };
  }
  const value = Number(raw);
  return Number.isFinite(value) ? String(value) : { unfit: 'too big for a double' };
}

/** An id that a double would round is another id. */
function wholeDouble(raw: string): string | UnfitValue {
  const whole = wholeNumber(raw);
  if (typeof whole !== 'string' || BigInt(Number(whole)) === BigInt(whole)) {
    return typeof whole === 'string' ? double(whole) : whole;
  }
  return { unfit: 'has more digits than a double holds' };
}

/** Years 1 to 9999; a leap second is the second after it. */
function instant(raw: string): string | UnfitValue {
  if (PLAIN_INSTANT.test(raw)) {
    return raw;
  }
  const match = INSTANT.exec(raw.includes('\\') ? `"${String(JSON.parse(raw))}"` : raw);
  if (match === null) {
    return { unfit: 'not an RFC 3339 date and time' };
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  const isDay = moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) {
    return { unfit: 'no date and time that exists' };
  }
  const east = match[8] === '-' ? -1 : 1;
  moment.setUTCHours(hour - east * offsetHours, minute - east * offsetMinutes, second);
  if (moment.getTime() < FIRST_MOMENT || moment.getTime() > LAST_MOMENT) {
    return { unfit: 'not in the years 1 to 9999' };
  }
  const fraction = (match[7] ?? '').slice(0, MICROSECONDS).replace(/0+$/, '');
  return `"${moment.toISOString().slice(0, '2026-01-01T00:00:00'.length)}${fraction === '' ? '' : `.${fraction}`}Z"`;
}

const LINE_BREAK = /[\r\n]/;
const LINE_BREAKS = /[\r\n]/g;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const SURROGATE_ESCAPES = /\\u([dD][89a-fA-F][\da-fA-F]{2})/g;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** In UTC and as short as can be, on a day that is in every year. */
const PLAIN_INSTANT =
  /^"(?!0000)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{0,5}[1-9])?Z"$/;
const INSTANT = /^"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)"$/;
const MICROSECONDS = 6;
const FIRST_MOMENT = Date.parse('0001-01-01T00:00:00Z');
const LAST_MOMENT = Date.parse('9999-12-31T23:59:59.999Z');
