/** Told where a member's name, with its quotes, and its value stand in the text. False = no more of them. */
type MemberVisitor = (nameStart: number, nameEnd: number, start: number, end: number) => boolean | void;

/**
 * The raw JSON text of every top-level member of an object, by its name: no digit is lost, as it would be in a number.
 * Of members with the same name the last one counts, as in `JSON.parse`.
 *
 * @param text one whole JSON object, known to be valid
 */
export function members(text: string): Map<string, string> {
  const found = new Map<string, string>();
  visitMembers(text, (nameStart, nameEnd, start, end) => {
    found.set(memberName(text, nameStart, nameEnd), text.slice(start, end));
  });
  return found;
}

/** Like {@link members}, without making anything of them. */
export function visitMembers(text: string, visit: MemberVisitor): void {
  let at = skipBlank(text, text.indexOf('{') + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = stringEnd(text, at);
    const start = skipBlank(text, text.indexOf(':', nameEnd) + 1);
    const end = valueEnd(text, start);
    if (visit(at, nameEnd, start, end) === false) return;
    at = skipBlank(text, end);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipBlank(text, at + 1);
  }
}

/** Like {@link visitMembers}, for the elements of one whole JSON array. */
export function visitElements(text: string, visit: (start: number, end: number) => boolean): void {
  let at = skipBlank(text, text.indexOf('[') + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_ARRAY) {
    const end = valueEnd(text, at);
    if (!visit(at, end)) return;
    at = skipBlank(text, end);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipBlank(text, at + 1);
  }
}

/** The name that stands there between quotes. */
export function memberName(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? String(JSON.parse(text.slice(start, end))) : inner;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
const BACKSLASH = 0x5c;

/** In valid JSON nothing but white space is at or below a space outside of strings. */
function skipBlank(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return at;
}

function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringEnd(text, start);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return bracketEnd(text, start);
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY || code <= SPACE;
}

function bracketEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      continue;
    }
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth += 1;
    if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth -= 1;
    at += 1;
    if (depth === 0) break;
  }
  return at;
}

/** Index after the closing quote of the JSON string that opens at `from`. */
export function stringEnd(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslash = at;
  while (text.charCodeAt(backslash - 1) === BACKSLASH) backslash -= 1;
  return (at - backslash) % 2 === 1;
}
