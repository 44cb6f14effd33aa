import { withoutTrailingZeros, type Json } from './json.js';

/** Largest whole number of which every program that reads JSON sees the same digits. */
export const LARGEST_EXACT = Number.MAX_SAFE_INTEGER;

/** Whether a number is so large that its digits may have been rounded already, where it was read. */
export function mayBeRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/**
 * Whether a number that was made of a text is exactly the one that is written there, and can be sent as JSON without losing
 * a digit at the other end.
 *
 * @param text a number of JSON or of YAML's core schema: `1.10`, `1e5`, `+1`, `.5`, `0x1F`
 */
export function isExact(text: string, value: number): boolean {
  if (!Number.isFinite(value) || mayBeRounded(value)) return false;
  if (/^0[xo]/.test(text)) return true;
  const [written, read] = [amountOf(text), amountOf(String(value))];
  return written !== undefined && written === read;
}

/** The first number in a JSON text that is not {@link isExact}; undefined: there is none. */
export function inexactNumber(json: string): string | undefined {
  for (const [token] of json.matchAll(TOKENS)) {
    if (!token.startsWith('"') && !isExact(token, Number(token))) return token;
  }
  return undefined;
}

/** Parses JSON. A number that is not {@link isExact} becomes the text that is written there. @throws SyntaxError */
export function parseExactly(json: string): Json {
  if (!MAY_BE_INEXACT.test(json)) return JSON.parse(json);
  return JSON.parse(
    json.replaceAll(TOKENS, (token) => (token.startsWith('"') || isExact(token, Number(token)) ? token : `"${token}"`)),
  );
}

/** At one look: most texts have no such numbers. */
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE]/;
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const DECIMAL = /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:e(?<exponent>[+-]?\d+))?$/i;

/** Sign, digits and exponent in the one form that equal numbers share. */
function amountOf(text: string): string | undefined {
  const { sign, whole = '', fraction = '', exponent = '0' } = DECIMAL.exec(text)?.groups ?? {};
  if (sign === undefined) return undefined;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = withoutTrailingZeros(all);
  if (digits === '') return '0';
  return `${sign === '-' ? '-' : ''}${digits}e${Number(exponent) - fraction.length + all.length - digits.length}`;
}
