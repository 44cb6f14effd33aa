import { QUOTE } from './json-bytes.js';

/** The columns of a CSV document. */
export interface CsvHeader {
  readonly delimiter: string;
  readonly columns: readonly CsvColumn[];
}

interface CsvColumn {
  /** Of the member that a field becomes, as JSON. */
  readonly quoted: string;
  /** Its header is empty: it counts only where something stands in it. */
  readonly isUnnamed: boolean;
}

/** The delimiter is the one of these that the header has most of. */
export const DELIMITERS = ',;\t|';

/** The fields of one row whose quotes are in their places, without its line break. */
export function csvFields(row: string, delimiter: string): readonly string[] {
  if (!row.includes('"')) return row.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const isQuoted = row.charAt(at) === '"';
    const end = isQuoted ? closingQuote(row, at) + 1 : endOf(row, delimiter, at);
    fields.push(isQuoted ? row.slice(at + 1, end - 1).replaceAll('""', '"') : row.slice(at, end));
    if (end >= row.length) return fields;
    at = end + 1;
  }
}

/** Reads the header row. A name that is there twice gets a number, and a column without one is called by its place. */
export function csvHeader(row: string): CsvHeader {
  const delimiter = delimiterOf(row);
  const names = csvFields(row, delimiter);
  const taken = new Set(names);
  const seen = new Set<string>();
  const columns = names.map((name, index): CsvColumn => {
    const isUnnamed = name === '';
    const wanted = isUnnamed ? `column_${index + 1}` : name;
    const isFree = isUnnamed ? !taken.has(wanted) : !seen.has(wanted);
    const own = isFree ? wanted : numbered(wanted, taken);
    seen.add(own);
    taken.add(own);
    return { quoted: JSON.stringify(own), isUnnamed };
  });
  return { delimiter, columns };
}

function numbered(name: string, taken: ReadonlySet<string>): string {
  let number = 2;
  while (taken.has(`${name}_${number}`)) number += 1;
  return `${name}_${number}`;
}

/** An empty field is null; under no name it is nothing. */
export function csvRecord(fields: readonly string[], { columns }: CsvHeader): string {
  let members = '';
  let index = -1;
  for (const { quoted, isUnnamed } of columns) {
    index += 1;
    const field = fields[index] ?? '';
    if (isUnnamed && field === '') continue;
    members += `${members === '' ? '' : ','}${quoted}:${field === '' ? 'null' : JSON.stringify(field)}`;
  }
  return `{${members}}`;
}

function delimiterOf(header: string): string {
  const counts = Array.from(DELIMITERS, (delimiter) => ({ delimiter, count: 0 }));
  let isQuoted = false;
  for (const character of header) {
    if (character.charCodeAt(0) === QUOTE) isQuoted = !isQuoted;
    if (isQuoted) continue;
    for (const each of counts) if (each.delimiter === character) each.count += 1;
  }
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter;
}

function closingQuote(row: string, from: number): number {
  let quote = row.indexOf('"', from + 1);
  while (quote !== -1 && row.charAt(quote + 1) === '"') quote = row.indexOf('"', quote + 2);
  return quote === -1 ? row.length : quote;
}

function endOf(row: string, delimiter: string, from: number): number {
  const end = row.indexOf(delimiter, from);
  return end === -1 ? row.length : end;
}
