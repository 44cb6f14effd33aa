import type { ColumnType } from '../../domain/rows.js';
import { wholeNumber } from '../whole-number.js';

/** A value that its column cannot hold: its row becomes a reject, for one such value would fail the whole COPY. */
export class UnfitCell extends Error {
  override readonly name = 'UnfitCell';
}

/** A number with fewer digits in a row, and fewer than five in its exponent, is not too long for Postgres. */
export const MANY_DIGITS = 6000;

/**
 * What Postgres is to read for a cell, from its raw JSON text: no digit passes through a JavaScript number.
 *
 * @returns null for SQL NULL: a JSON null, in a jsonb column too.
 * @throws UnfitCell
 */
export function cellText(type: ColumnType, raw: string): string | null {
  return raw === 'null' ? null : READERS[type](raw);
}

const READERS: Readonly<Record<ColumnType, (raw: string) => string>> = {
  text: stringOf,
  timestamptz: (raw) => timestamp(stringOf(raw)),
  bigint: integer,
  numeric: number,
  boolean,
  jsonb: json,
};

function stringOf(raw: string): string {
  if (!raw.startsWith('"')) {
    return raw;
  }
  if (!raw.includes('\\')) {
    return raw.slice(1, -1);
  }
  const text: unknown = JSON.parse(raw);
  if (typeof text !== 'string') {
    throw new UnfitCell('not a string');
  }
  if (text.includes('\0')) {
    throw new UnfitCell('has a NUL character');
  }
  if (LONE_SURROGATE.test(text)) {
    throw new UnfitCell('has half a character (a lone surrogate)');
  }
  return text;
}

function integer(raw: string): string {
  const whole = SHORT_INTEGER.test(raw) ? raw : wholeNumber(raw);
  if (typeof whole !== 'string') {
    throw new UnfitCell(whole.unfit);
  }
  return whole;
}

function number(raw: string): string {
  if (!DECIMAL.test(raw)) {
    throw new UnfitCell('not a number');
  }
  if (raw.length > MAX_NUMERIC || isTooLong(raw)) {
    throw new UnfitCell('too many digits for numeric');
  }
  return raw;
}

function isTooLong(decimal: string): boolean {
  const [, whole = '', decimals = '', power = '0'] = DECIMAL.exec(decimal) ?? [];
  const exponent = Number(power);
  const isTooFine = decimals.length - exponent > MAX_DECIMALS;
  return isTooFine || whole.length + exponent > MAX_WHOLE || Math.abs(exponent) > MAX_NUMERIC;
}

function boolean(raw: string): string {
  if (raw !== 'true' && raw !== 'false') {
    throw new UnfitCell('not a boolean');
  }
  return raw;
}

/**
 * Postgres knows no year 0, no February 30, no offset of 16 hours or more, and nothing between a day's leap second and the
 * next day, all of which some validators let pass.
 */
function timestamp(text: string): string {
  const match = TIMESTAMP.exec(text);
  if (match === null) {
    throw new UnfitCell('not an RFC 3339 date and time');
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const days = new Date(Date.UTC(Number(year) + 400, Number(month), 0)).getUTCDate();
  const known =
    within(year, 1, 9999) &&
    within(month, 1, 12) &&
    within(day, 1, days) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 60) &&
    within(Number(match[7] ?? 0), 0, 15) &&
    within(Number(match[8] ?? 0), 0, 59) &&
    !PAST_MIDNIGHT.test(text);
  if (!known) {
    throw new UnfitCell('not a date and time that Postgres knows');
  }
  return text;
}

function json(raw: string): string {
  if (raw.includes('\\u')) {
    const escaped = raw.replaceAll('\\\\', '');
    if (escaped.includes('\\u0000')) {
      throw new UnfitCell('has a NUL character');
    }
    if (SURROGATE_ESCAPE.test(escaped) && hasLoneSurrogate(escaped)) {
      throw new UnfitCell('has half a character (a lone surrogate)');
    }
  }
  if (LONG_NUMBER.test(raw) && numbersOf(raw).some(isTooLong)) {
    throw new UnfitCell('has a number with too many digits for jsonb');
  }
  return raw;
}

function numbersOf(raw: string): readonly string[] {
  return raw.replaceAll(STRING, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
}

/** Escapes of a pair are read together; a half that is left over stands alone. */
function hasLoneSurrogate(escaped: string): boolean {
  const text = escaped.replaceAll(/\\u([dD][89a-fA-F][\da-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return LONE_SURROGATE.test(text);
}

function within(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most;
}

/** It fits, and is left as it is. */
const SHORT_INTEGER = /^-?\d{1,18}$/;
const DECIMAL = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Postgres holds so many digits after the point, and so many before it. */
const MAX_DECIMALS = 16_383;
const MAX_WHOLE = 131_072;
const MAX_NUMERIC = 16_000;
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d)(?::?(\d\d))?)$/;
const PAST_MIDNIGHT = /23:59:60\.\d*[1-9]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONG_NUMBER = new RegExp(String.raw`\d{${MANY_DIGITS}}|[eE][+-]?\d{5}`);
const STRING = /"(?:[^"\\]+|\\.)*"/g;
