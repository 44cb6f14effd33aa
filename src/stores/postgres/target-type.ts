import { decimalOf } from '../../domain/decimal.js';
import type { ColumnType } from '../../domain/rows.js';
import { cellText, UnfitCell } from './cell-text.js';

/**
 * How a column takes values whose type is none that titanflow gives to columns: in tables that people and other tools have
 * made. A value is taken where the column holds it without loss.
 */
export interface TargetType {
  /** Our types whose values may fit. */
  readonly takes: readonly ColumnType[];
  /**
   * Returns a value as Postgres reads it.
   *
   * @param raw the value's JSON text, not `null`
   * @throws UnfitCell where the column cannot hold it as it is
   */
  textOf(raw: string, from: ColumnType): string;
}

/**
 * Finds how a column takes values.
 *
 * @param type as `format_type` writes it, e.g. `character varying(20)`; of a domain, the type below it
 * @param labels of an enum
 * @returns undefined for one of our own types, and for types that take none of our values
 */
export function targetType(type: string, labels: readonly string[] = []): TargetType | undefined {
  if (labels.length > 0) return textType(oneOf(labels));
  const [, name = '', first, second, zone = ''] = TYPE.exec(type) ?? [];
  const length = first === undefined ? undefined : Number(first);
  switch (name + zone) {
    case 'character varying':
    case 'citext':
      return textType(atMost(length));
    case 'character':
      return textType(atMost(length ?? 1));
    case 'smallint':
      return numberType(wholeBelow(2n ** 15n, name));
    case 'integer':
      return numberType(wholeBelow(2n ** 31n, name));
    case 'real':
      return numberType(asReal);
    case 'double precision':
      return numberType(asDouble);
    case 'numeric':
      return length === undefined ? undefined : numberType(withDigits(length, Number(second ?? 0)));
    case 'date':
      return { takes: ['text', 'timestamptz'], textOf: asDate };
    case 'timestamp without time zone':
      return { takes: ['text', 'timestamptz'], textOf: localTime(length ?? MICROSECONDS) };
    case 'uuid':
      return textType(asUuid);
    case 'json':
      return { takes: ANY, textOf: (raw) => textOfCell('jsonb', raw) };
    default:
      return undefined;
  }
}

const ANY = ['text', 'timestamptz', 'bigint', 'numeric', 'boolean', 'jsonb'] as const;
const TYPE = /^([a-z ]+?)(?:\((\d+)(?:,(-?\d+))?\))?( without time zone)?$/;

function textType(fit: (text: string) => string): TargetType {
  return { takes: ['text'], textOf: (raw) => fit(textOfCell('text', raw)) };
}

function numberType(fit: (raw: string) => string): TargetType {
  return { takes: ['bigint', 'numeric'], textOf: (raw) => fit(textOfCell('numeric', raw)) };
}

function textOfCell(type: ColumnType, raw: string): string {
  return cellText(type, raw) ?? '';
}

function atMost(characters: number | undefined): (text: string) => string {
  return (text) => {
    // A text has at least as many UTF-16 units as characters.
    if (characters === undefined || text.length <= characters || Array.from(text).length <= characters) return text;
    throw new UnfitCell(`has more than ${characters} characters`);
  };
}

function oneOf(labels: readonly string[]): (text: string) => string {
  const known = new Set(labels);
  return (text) => {
    if (known.has(text)) return text;
    throw new UnfitCell('is none of the labels of its enum');
  };
}

function asUuid(text: string): string {
  if (UUID.test(text)) return text;
  throw new UnfitCell('is no UUID');
}

function wholeBelow(limit: bigint, type: string): (raw: string) => string {
  return (raw) => {
    const whole = textOfCell('bigint', raw);
    const value = BigInt(whole);
    if (value >= limit || value < -limit) throw new UnfitCell(`is too big for ${type}`);
    return whole;
  };
}

/** 17 digits tell every double from the next one: whatever has more is rounded. */
function asDouble(raw: string): string {
  const value = Number(raw);
  const digits = decimalOf(raw)?.digits ?? '';
  const isKept = Number.isFinite(value) && (value !== 0 || digits === '');
  if (!isKept) throw new UnfitCell('is too big or too small for a double');
  if (digits.length <= DOUBLE_DIGITS || isSame(raw, value)) return raw;
  throw new UnfitCell('has more digits than a double holds');
}

function asReal(raw: string): string {
  const value = Math.fround(Number(raw));
  for (let digits = FEWEST_REAL_DIGITS; digits <= REAL_DIGITS; digits += 1) {
    const shortest = value.toPrecision(digits);
    if (Number.isFinite(value) && Math.fround(Number(shortest)) === value && isSame(raw, Number(shortest))) return raw;
  }
  throw new UnfitCell('has more digits than a real holds');
}

function isSame(raw: string, value: number): boolean {
  const [one, other] = [decimalOf(raw), decimalOf(String(value))];
  return one?.digits === other?.digits && (one?.exponent === other?.exponent || one?.digits === '');
}

function withDigits(precision: number, scale: number): (raw: string) => string {
  return (raw) => {
    const { digits = '', exponent = 0 } = decimalOf(raw) ?? {};
    if (digits === '') return raw;
    if (-exponent > scale) throw new UnfitCell(`has more than ${scale} decimals`);
    if (digits.length + exponent > precision - scale)
      throw new UnfitCell(`is too big for numeric(${precision},${scale})`);
    return raw;
  };
}

function asDate(raw: string, from: ColumnType): string {
  const text = textOfCell(from, raw);
  const [, date, rest = ''] = DATE.exec(text) ?? [];
  if (date === undefined) throw new UnfitCell('is no date such as 2026-01-31');
  if (!MIDNIGHT.test(rest)) throw new UnfitCell('has a time of day, which a date does not hold');
  textOfCell('timestamptz', JSON.stringify(`${date}T00:00:00Z`));
  return date;
}

/** A column without a time zone holds the time in UTC. Postgres itself would drop the offset without a word. */
function localTime(decimals: number): (raw: string, from: ColumnType) => string {
  return (raw, from) => {
    const text = textOfCell(from, raw);
    const [, before = '', fraction = '', offset = ''] = MOMENT.exec(text) ?? [];
    textOfCell('timestamptz', JSON.stringify(offset === '' ? `${text}Z` : text));
    if (fraction.replace(/0+$/, '').length > decimals + 1) {
      throw new UnfitCell(`has more than ${decimals} decimals of a second`);
    }
    if (offset === '') return text;
    const moment = new Date(`${before.replace(' ', 'T')}${offset}`);
    const year = Number.isNaN(moment.getTime()) ? 0 : moment.getUTCFullYear();
    if (year < 1 || year > LAST_YEAR) throw new UnfitCell('is no date and time of the years 1 to 9999');
    return `${moment.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}${fraction}`;
  };
}

const DOUBLE_DIGITS = 17;
const FEWEST_REAL_DIGITS = 6;
const REAL_DIGITS = 9;
const LAST_YEAR = 9_999;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const DATE = /^(\d{4}-\d\d-\d\d)(.*)$/;
const MIDNIGHT = /^(?:[Tt ]00:00:00(?:\.0+)?(?:[Zz]|[+-]00:?00)?)?$/;
const MOMENT = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d(?::?\d\d)?)?$/;
const MICROSECONDS = 6;
