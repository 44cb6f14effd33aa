/**
 * A text from far away for a terminal: on one line, and nothing in it that moves the cursor, changes colours or turns the
 * direction of writing.
 */
export function printable(text: string, longest = LONGEST): string {
  const line = text.replaceAll(/[\t\r\n]+/g, ' ');
  const cut = line.length > longest ? `${line.slice(0, longest)}… (${text.length} characters; --json shows all)` : line;
  return cut.replaceAll(HARMFUL, (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'));
}

const LONGEST = 1_000;
/** Control characters, marks and overrides of the writing direction, line separators, halves of pairs, byte order marks. */
const HARMFUL =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- control characters are what is looked for
  /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
