/**
 * A text from far away for a terminal: on one line, and nothing in it that moves the cursor, changes colours or turns the
 * direction of writing.
 */
export function printable(text: string, longest = LONGEST): string {
  const line = onOneLine(text);
  return escaped(
    line.length > longest ? `${line.slice(0, longest)}… (${line.length} characters; --json shows all)` : line,
  );
}

const LONGEST = 1_000;

/** The same for every text in a value, however long: what somebody else wrote is made so before it is put into a line. */
export function shown<Value>(value: Value): Value;
export function shown(value: unknown): unknown {
  if (typeof value === 'string') return escaped(onOneLine(value));
  if (Array.isArray(value)) return value.map((item) => shown(item));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [shown(key), shown(item)]));
}

/** Writes what a terminal would act upon as `\u` and its number, which JSON reads as the same character. */
export function escaped(text: string): string {
  return text.replaceAll(
    HARMFUL,
    (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}

/** The same, line by line. */
export function escapedLines(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}

function onOneLine(text: string): string {
  return text.replaceAll(/[\t\r\n]+/g, ' ');
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Control characters, marks and overrides of the writing direction, line separators, halves of pairs, byte order marks. */
const HARMFUL =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- control characters are what is looked for
  /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
