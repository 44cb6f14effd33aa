import { stringEnd } from '../domain/json-members.js';

/** Brackets within brackets: Postgres gives up at a few thousand, other readers earlier. */
const MAX_DEPTH = 1_000;
/** Postgres's `numeric` and the numbers within its `jsonb`: digits before and after the decimal point. */
const MAX_WHOLE_DIGITS = 131_072;
const MAX_FRACTION_DIGITS = 16_383;

/**
 * Says what in a valid JSON text no store can hold: the character NUL, half of a surrogate pair, brackets nested too
 * deeply, a number with too many digits. It reads the text, not the value, because the text is what gets stored.
 */
export function rawProblem(text: string): string | undefined {
  if (text.includes('\\u') && MAY_BE_BAD_ESCAPE.test(text)) {
    const problem = escapeProblem(text);
    if (problem !== undefined) return problem;
  }
  if (isDeeperThan(text, MAX_DEPTH)) return `is nested deeper than ${MAX_DEPTH} levels`;
  if ((text.length > MAX_FRACTION_DIGITS || MAY_BE_LONG_EXPONENT.test(text)) && hasTooLongNumber(text)) {
    return 'has a number with too many digits';
  }
  return undefined;
}

/** Whether a JSON text has more brackets within brackets. */
export function isDeeperThan(text: string, most: number): boolean {
  if (text.length <= 2 * most) return false;
  let depth = 0;
  for (const [bracket] of withoutStrings(text).matchAll(BRACKET)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > most) return true;
  }
  return false;
}

const MAY_BE_BAD_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;
/** Each digit by itself: a repetition takes twice as long, and every record is looked through. */
const MAY_BE_LONG_EXPONENT = /\d[eE][+-]?\d\d\d\d/;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|.)/g;
const UNICODE_ESCAPE_LENGTH = 6;

function escapeProblem(text: string): string | undefined {
  let lowMustFollowAt = -1;
  for (const { index, 1: hex } of text.matchAll(ESCAPE)) {
    const code = hex === undefined ? -1 : Number.parseInt(hex, 16);
    if (code === 0) return 'contains the character NUL';
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    if ((lowMustFollowAt !== -1 || isLow) && (!isLow || index !== lowMustFollowAt)) return HALF_PAIR;
    lowMustFollowAt = code >= 0xd800 && code <= 0xdbff ? index + UNICODE_ESCAPE_LENGTH : -1;
  }
  return lowMustFollowAt === -1 ? undefined : HALF_PAIR;
}

const HALF_PAIR = 'contains half of a surrogate pair';
const BRACKET = /[[\]{}]/g;
const NUMBER = /(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/g;

function hasTooLongNumber(text: string): boolean {
  for (const { 1: whole = '', 2: fraction = '', 3: exponent = '0' } of withoutStrings(text).matchAll(NUMBER)) {
    const shift = Number(exponent);
    if (whole.length + shift > MAX_WHOLE_DIGITS || fraction.length - shift > MAX_FRACTION_DIGITS) return true;
  }
  return false;
}

/** A regular expression that matches whole strings runs out of stack on one of some megabytes. */
function withoutStrings(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let quote = text.indexOf('"'); quote !== -1; quote = text.indexOf('"', from)) {
    parts.push(text.slice(from, quote));
    from = stringEnd(text, quote);
  }
  parts.push(text.slice(from));
  return parts.join('""');
}
