import { isJsonObject, type Json } from './json.js';
import type { Rows } from './rows.js';

/** A file in pieces that are made when they are asked for. */
export interface ResultFile {
  readonly contentType: string;
  readonly extension: 'json' | 'csv';
  readonly pieces: Iterable<string>;
  readonly pieceCount: number;
}

/** One JSON array, a row a line. */
export function jsonFile(rows: Rows, count: number): ResultFile {
  function* pieces(): Generator<string> {
    yield '[';
    for (let index = 0; index < count; index += 1)
      yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(rows.row(index))}`;
    yield '\n]\n';
  }
  return { contentType: 'application/json', extension: 'json', pieces: pieces(), pieceCount: count + 2 };
}

/** CSV as in RFC 4180 with a header row; null is an empty field, nested values are JSON. */
export function csvFile(rows: Rows, count: number): ResultFile {
  // A row that is not an object has no names for what it holds.
  const columns = rows.columns.length === 0 ? ['value'] : rows.columns;

  function* pieces(): Generator<string> {
    yield line(columns);
    for (let index = 0; index < count; index += 1) {
      const row = rows.row(index);
      yield line(isJsonObject(row) ? columns.map((column) => cellText(row[column])) : [cellText(row)]);
    }
  }
  return { contentType: 'text/csv; charset=utf-8', extension: 'csv', pieces: pieces(), pieceCount: count + 1 };
}

/** The first half of a file: it ends in the middle of a piece. */
export function* firstHalf({ pieces, pieceCount }: ResultFile): Generator<string> {
  let left = pieceCount / 2;
  for (const piece of pieces) {
    if (left < 1) {
      yield piece.slice(0, Math.max(1, Math.floor(piece.length / 2)));
      return;
    }
    yield piece;
    left -= 1;
  }
}

function line(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

function cellText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
