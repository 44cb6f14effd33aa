import type { ColumnType } from '../../../domain/rows.js';

/** A cell of a CSV file, by RFC 4180: null is an empty field, an empty text is `""`. */
export function csvCell(type: ColumnType, raw: string | undefined, escapesFormulas: boolean): string {
  if (raw === undefined || raw === 'null') {
    return '';
  }
  if (type !== 'text') {
    return quotedIfNeeded(type === 'timestamptz' ? textOf(raw) : raw);
  }
  return csvText(textOf(raw), escapesFormulas);
}

/** A text as a cell; names of columns, too, come from whoever made the data. */
export function csvText(text: string, escapesFormulas: boolean): string {
  return quotedIfNeeded(escapesFormulas && FORMULA.test(text) ? `'${text}` : text);
}

/** The raw JSON text of a cell that {@link csvCell} wrote. @param cell undefined = it is empty and has no quotes */
export function readCsvCell(type: ColumnType, cell: string | undefined, escapedFormulas: boolean): string | undefined {
  if (cell === undefined) {
    return undefined;
  }
  if (type === 'text') {
    return JSON.stringify(readCsvText(cell, escapedFormulas));
  }
  return type === 'timestamptz' ? JSON.stringify(cell) : cell;
}

export function readCsvText(text: string, escapedFormulas: boolean): string {
  return escapedFormulas && ESCAPED_FORMULA.test(text) ? text.slice(1) : text;
}

/** The text of a JSON string; what is none stands for itself. */
export function textOf(raw: string): string {
  return raw.startsWith('"') ? String(JSON.parse(raw)) : raw;
}

/** What has a `'` before it already gets one more, so that it can be told what a text was. */
const FORMULA = /^'*[=+\-@\t\r]/;
const ESCAPED_FORMULA = /^'+[=+\-@\t\r]/;
/** Some readers trim spaces that are not within quotes. */
const NEEDS_QUOTES = /^$|^\s|\s$|[",\r\n]/;

function quotedIfNeeded(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
