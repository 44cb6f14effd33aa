import type { CsvHeader } from './csv-row.js';
import { CARRIAGE_RETURN, createCsvScanner } from './csv-scanner.js';
import { NEWLINE } from './json-bytes.js';

/** Whether the first line of a broken row has a quote that is never closed: what follows are rows, but perhaps for the last line. */
export function isFollowedByRows(row: Buffer, first: number, header: CsvHeader): boolean {
  const last = row.lastIndexOf(NEWLINE, -2) + 1;
  return areRows(row, first, last, header) || areRows(row, first, row.length, header);
}

/** Whether all lines are rows by themselves. In a table of one column every text would be some. */
export function areRows(bytes: Buffer, from: number, to: number, { columns, delimiter }: CsvHeader): boolean {
  if (columns.length === 1 || from >= to) return false;
  const scanner = createCsvScanner(delimiter);
  for (let at = from; at < to;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline === -1 || newline >= to ? to : newline + 1;
    const found = scanner.next(bytes.subarray(0, end), at);
    const isWhole = found === end || (found === -1 && end === to && !scanner.isQuoted);
    if (!isWhole || scanner.fault !== undefined || scanner.fields !== columns.length) return false;
    scanner.reset();
    at = end;
  }
  return true;
}

/** Where a row ends without its line break. */
export function withoutLineBreak(bytes: Buffer, from: number, end: number): number {
  let to = end;
  if (to > from && bytes[to - 1] === NEWLINE) to -= 1;
  if (to > from && bytes[to - 1] === CARRIAGE_RETURN) to -= 1;
  return to;
}

export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
