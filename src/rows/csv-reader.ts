import { areRows, countLines, isFollowedByRows, withoutLineBreak } from './csv-lines.js';
import { csvFields, csvHeader, csvRecord, DELIMITERS, type CsvHeader } from './csv-row.js';
import { createCsvScanner, type CsvScanner } from './csv-scanner.js';
import { DocumentError } from './document-error.js';
import type { ShapeReader } from './document-reader.js';
import { createGrowingBytes } from './growing-bytes.js';
import { NEWLINE, QUOTE } from './json-bytes.js';
import { KEPT_BYTES, type RecordSink } from './record-sink.js';
import { foreignHeader, type RowNames } from './row-names.js';

/**
 * Reads CSV (RFC 4180) with a header row: each row becomes an object of strings, an empty field is null. A row that cannot be
 * read, because it has another number of fields or a quote in a wrong place, is a broken record, and reading goes on behind it.
 *
 * The document is whole if no quote is open at its end and its last row, where it has no line break, is not short of fields.
 * That such a row was cut within its last field cannot be seen.
 *
 * @param names those of the schema: a header without any of them, and without rows, is no export
 */
export function createCsvReader(sink: RecordSink, names: RowNames | undefined): ShapeReader {
  const pending = createGrowingBytes();
  let scanner = createCsvScanner(DELIMITERS);
  let header: CsvHeader | undefined;
  let headerRow = '';
  let line = 1;
  /** The row is longer than a record may be: only its beginning is kept. */
  let isTooLong = false;

  /** Reads bytes that begin with a row. The last row may be unfinished. */
  function read(bytes: Buffer): void {
    let from = 0;
    let quote = bytes.indexOf(QUOTE);
    while (from < bytes.length) {
      if (quote !== -1 && quote < from) quote = bytes.indexOf(QUOTE, from);
      const lineEnd = bytes.indexOf(NEWLINE, from) + 1;
      const isSimple = header !== undefined && lineEnd > 0 && (quote === -1 || quote >= lineEnd);
      const end = isSimple ? lineEnd : scanner.next(bytes, from);
      if (end === -1) break;
      from += isSimple ? takeSimple(bytes, from, end) : takeRow(bytes.subarray(from, end));
    }
    append(bytes, from);
  }

  /** @returns the bytes that were taken */
  function takeSimple(bytes: Buffer, from: number, end: number): number {
    line += 1;
    if (header) addFields(bytes, from, withoutLineBreak(bytes, from, end), header, line - 1);
    return end - from;
  }

  /** Takes a row that the scanner has come to the end of. @returns the bytes that were taken, which may be its first line only */
  function takeRow(row: Buffer): number {
    const { fault } = scanner;
    scanner.reset();
    const first = row.indexOf(NEWLINE) + 1;
    if (sink.isTooLong(row.length)) {
      if (!isLeftOpen(row)) {
        line += countLines(row);
        sink.addTooLong(row);
        return row.length;
      }
      giveUpLine(row.subarray(0, first), 'a quote that is not closed');
      return first;
    }
    if (fault !== undefined && header && isFollowedByRows(row, first, header)) {
      giveUpLine(row.subarray(0, first), `a quote in a wrong place, in field ${fault}`);
      return first;
    }
    const at = line;
    line += countLines(row);
    const end = withoutLineBreak(row, 0, row.length);
    if (header === undefined) readHeader(row.subarray(0, end), fault);
    else if (fault === undefined) addFields(row, 0, end, header, at);
    else sink.addBroken(row.subarray(0, end), `line ${at} has a quote in a wrong place, in field ${fault}`);
    return row.length;
  }

  function giveUpLine(bytes: Buffer, problem: string): void {
    sink.addBroken(bytes.subarray(0, withoutLineBreak(bytes, 0, bytes.length)), `line ${line} has ${problem}`);
    line += 1;
  }

  /**
   * Whether a row is too long only because a quote in its first line is never closed: the lines behind that are rows. It looks
   * at as many bytes as a record may have, so that it is the same in whatever chunks the row comes.
   */
  function isLeftOpen(row: Buffer): boolean {
    const bytes = row.subarray(0, sink.maxRecordBytes);
    return header !== undefined && areRows(bytes, bytes.indexOf(NEWLINE) + 1, bytes.lastIndexOf(NEWLINE) + 1, header);
  }

  function readHeader(row: Buffer, fault: number | undefined): void {
    const problem = fault === undefined ? sink.utf8Problem(row) : 'has a quote in a wrong place';
    if (problem !== undefined) throw new DocumentError('incomplete', `the header row of the CSV ${problem}`);
    headerRow = row.toString();
    header = csvHeader(headerRow);
    scanner = createCsvScanner(header.delimiter);
  }

  function addFields(bytes: Buffer, from: number, to: number, { columns, delimiter }: CsvHeader, at: number): void {
    // In a table of one column an empty line is a row, whose value is null.
    if (from === to && columns.length !== 1) return;
    const row = bytes.subarray(from, to);
    const badBytes = sink.utf8Problem(row);
    if (badBytes !== undefined) {
      sink.addBroken(row, `line ${at} ${badBytes}`);
      return;
    }
    const fields = csvFields(bytes.toString('utf8', from, to), delimiter);
    if (fields.length === columns.length) sink.addText(csvRecord(fields, { columns, delimiter }), row);
    else sink.addBroken(row, `line ${at} has ${count(fields.length, 'field')}, the header has ${columns.length}`);
  }

  function append(bytes: Buffer, from: number): void {
    if (isTooLong) {
      line += countLines(bytes.subarray(from));
      return;
    }
    pending.append(bytes, from);
    if (!sink.isTooLong(pending.length)) return;
    if (isLeftOpen(pending.view())) {
      splitPending();
      return;
    }
    isTooLong = true;
    line += countLines(pending.view());
    pending.cut(KEPT_BYTES);
  }

  /** Gives up the first line of an unfinished row, and reads on behind it. */
  function splitPending(): void {
    const row = Buffer.from(pending.view());
    const first = row.indexOf(NEWLINE) + 1;
    giveUpLine(row.subarray(0, first), 'a quote that is not closed');
    pending.clear();
    scanner.reset();
    read(row.subarray(first));
  }

  /** Whether the quote that is open at the end of the document was never meant to be closed: all lines behind it are rows. */
  function isLeftOpenAtEnd(): boolean {
    const row = pending.view();
    const isOpen = scanner.isQuoted && !isTooLong;
    return isOpen && header !== undefined && areRows(row, row.indexOf(NEWLINE) + 1, row.length, header);
  }

  /** @returns what is left of a row that was split */
  function endPending(chunk: Buffer, end: number): Buffer {
    if (!isTooLong) pending.append(chunk, 0, end);
    const row = Buffer.from(pending.view());
    pending.clear();
    if (!isTooLong) return row.subarray(takeRow(row));
    line += countLines(chunk.subarray(0, end));
    isTooLong = false;
    scanner.reset();
    sink.addTooLong(row);
    return Buffer.alloc(0);
  }

  return {
    feed(chunk) {
      let left = chunk;
      while (left.length > 0 && pending.length > 0) {
        const end = scanner.next(left, 0);
        if (end === -1) {
          append(left, 0);
          return;
        }
        const rest = endPending(left, end);
        if (rest.length > 0) read(rest);
        left = left.subarray(end);
      }
      if (left.length > 0) read(left);
    },
    end() {
      if (!header) throw new DocumentError('incomplete', 'the CSV is cut off within its header row');
      // What is behind a line that is given up may end within a quote, too.
      while (isLeftOpenAtEnd()) splitPending();
      if (isTooLong || scanner.isQuoted) throw cutWithinQuote(sink.count, line);
      const row = Buffer.from(pending.view());
      const isShort = scanner.fault === undefined && scanner.fields < header.columns.length;
      if (row.length > 0 && isShort) throw cutOff(sink.count, line, scanner, header);
      if (row.length > 0) takeRow(row);
      const problem =
        sink.count === 0 ? foreignHeader(headerRow, csvFields(headerRow, header.delimiter), names) : undefined;
      if (problem !== undefined) throw new DocumentError('no rows', problem);
    },
  };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function cutWithinQuote(rows: number, line: number): DocumentError {
  return new DocumentError(
    'incomplete',
    `the CSV is cut off within a quote after ${rows} rows: it opens in line ${line}`,
  );
}

function cutOff(rows: number, line: number, { fields }: CsvScanner, { columns }: CsvHeader): DocumentError {
  const message = `the CSV is cut off after ${rows} rows: line ${line}, its last, has ${count(fields, 'field')}, the header has ${columns.length}`;
  return new DocumentError('incomplete', message);
}
