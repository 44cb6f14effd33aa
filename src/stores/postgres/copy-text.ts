/**
 * One line of COPY's text format: fields between tabs, `\N` for NULL, a backslash before what has a meaning. A
 * backslash is always doubled, so `\.` (end of data) and `\N` in a value stay what they are.
 *
 * @see https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"
 */
export function copyLine(fields: readonly (string | null)[]): string {
  return `${fields.map(copyField).join('\t')}\n`;
}

/** A field of such a line. */
export function copyField(field: string | null): string {
  if (field === null) {
    return NULL;
  }
  return SPECIAL.test(field) ? field.replaceAll(EVERY_SPECIAL, (character) => ESCAPES[character] ?? character) : field;
}

const NULL = '\\N';
const SPECIAL = /[\\\t\n\r]/;
const EVERY_SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
