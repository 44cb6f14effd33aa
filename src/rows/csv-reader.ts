import { DocumentError } from './document-error.js';
import { createCsvRows, type CsvRows } from './csv-rows.js';
import type { ShapeReader } from './document-reader.js';
import { createGrowingBytes } from './growing-bytes.js';
import { NEWLINE, QUOTE } from './json-bytes.js';
import type { RecordSink } from './record-sink.js';

const CARRIAGE_RETURN = 0x0d;

/**
 * Reads CSV (RFC 4180) with a header row: each row becomes an object of strings, an empty field is null. Whole = no quote
 * is open, and every row has as many fields as the header. That a last row without a line break was cut within its last
 * field cannot be seen.
 */
export function createCsvReader(sink: RecordSink): ShapeReader {
  const pending = createGrowingBytes();
  let isQuoted = false;
  let rows: CsvRows | undefined;

  return {
    feed(chunk) {
      const last = lastRowEnd(chunk, isQuoted);
      isQuoted = last.isQuoted;
      pending.append(chunk, 0, last.end);
      if (last.end > 0) {
        rows ??= createCsvRows(sink);
        rows.read(pending.view());
        pending.clear();
      }
      pending.append(chunk, last.end);
      sink.requireRoom(pending.length);
    },
    end() {
      if (isQuoted) throw new DocumentError('incomplete', `the CSV is cut off within a quote after ${sink.count} rows`);
      if (!rows) throw new DocumentError('incomplete', 'the CSV is cut off within its header row');
      const bytes = pending.view();
      rows.read(bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes);
    },
  };
}

/** Where the last whole row ends: behind a line break outside quotes; 0 = no row ends in this chunk. */
function lastRowEnd(chunk: Buffer, startsQuoted: boolean): { readonly end: number; readonly isQuoted: boolean } {
  let isQuoted = startsQuoted;
  let spanStart = 0;
  let end = 0;
  for (let at = chunk.indexOf(QUOTE); at !== -1; at = chunk.indexOf(QUOTE, at + 1)) {
    if (!isQuoted) end = endWithin(chunk, spanStart, at) || end;
    isQuoted = !isQuoted;
    spanStart = at + 1;
  }
  if (!isQuoted) end = endWithin(chunk, spanStart, chunk.length) || end;
  return { end, isQuoted };
}

function endWithin(chunk: Buffer, from: number, to: number): number {
  const newline = chunk.subarray(from, to).lastIndexOf(NEWLINE);
  return newline === -1 ? 0 : from + newline + 1;
}
