import type { ColumnType } from '../../domain/rows.js';
import { cellText } from './cell-text.js';

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

/**
 * The field for a cell's raw JSON text.
 *
 * @throws UnfitCell
 */
export function copyCell(type: ColumnType, raw: string | undefined): string {
  const text = raw === undefined ? null : cellText(type, raw);
  // Within JSON a tab or a line break is escaped, but for those between the parts of a nested value.
  return text === null || type === 'jsonb' || raw?.includes('\\') === true ? copyField(text) : text;
}

const NULL = '\\N';
const SPECIAL = /[\\\t\n\r]/;
const EVERY_SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
