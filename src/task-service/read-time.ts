/** An ISO time as services write it: `T` or a space, any fraction, perhaps without a zone, `+00`, `+0000` or ` UTC`. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
const NUMBER = /^\d+(?:\.\d+)?$/;
/** Other forms, such as that of HTTP's `Date`: `Date.parse` alone would also take `item 5` for a day in May. */
const NAMED_MONTH =
  /^(?=.*\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b)(?=.*\b\d{4}\b)(?=.*\b\d\d:\d\d\b)/i;
const ZONE = /(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$|(?:UTC|GMT|[+-]\d{4})\b/i;

/** A value outside was never meant as a time: 0, Go's year 1, a counter. */
const FIRST = Date.UTC(2000, 0);
const LAST = Date.UTC(2100, 0);

/**
 * Reads a time of the service as Unix milliseconds; undefined where it is none. Never throws, whatever it is given. A
 * time without a zone is UTC, as all of the service's are said to be. A number, or a text of digits, is Unix time in
 * seconds, milliseconds, microseconds or nanoseconds: no two of these can be confused for a date of this century.
 */
export function readTime(value: unknown): number | undefined {
  const time = typeof value === 'number' ? fromNumber(value) : typeof value === 'string' ? fromText(value) : Number.NaN;
  return time >= FIRST && time < LAST ? Math.floor(time) : undefined;
}

function fromNumber(value: number): number {
  if (value < 1e11) return value * 1_000;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1e3 : value / 1e6;
}

function fromText(value: string): number {
  const text = value.trim();
  if (NUMBER.test(text)) return fromNumber(Number(text));
  const [, date, minutes = '00:00', seconds = '00', fraction = '0', zone = 'Z'] = ISO.exec(text) ?? [];
  if (date !== undefined) return Date.parse(`${date}T${minutes}:${seconds}.${fraction.slice(0, 3)}${isoZone(zone)}`);
  if (!NAMED_MONTH.test(text)) return Number.NaN;
  // Without a zone it would be read in this machine's.
  return Date.parse(ZONE.test(text) ? text : `${text} UTC`);
}

function isoZone(zone: string): string {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return sign === undefined ? 'Z' : `${sign}${hours}:${minutes}`;
}
