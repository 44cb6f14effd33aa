import { parse } from 'csv-parse/sync';
import { DocumentError } from './document-error.js';
import { NEWLINE, QUOTE } from './json-bytes.js';
import type { RecordSink } from './record-sink.js';

/** Turns whole rows of CSV, of which the first is the header, into records. */
export interface CsvRows {
  /** @throws DocumentError */
  read(wholeRows: Buffer): void;
}

/** The delimiter is the one of these that the header has most of. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

export function createCsvRows(sink: RecordSink): CsvRows {
  let header: readonly string[] = [];
  let delimiter = ',';

  function fieldsOf(bytes: Buffer): readonly (readonly string[])[] {
    const options = {
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      // In a table of one column an empty line is a row, whose value is null.
      skip_empty_lines: header.length !== 1,
      relax_column_count: true,
    };
    try {
      return parse(bytes, options);
    } catch {
      // The parser's own message quotes the text.
      throw new DocumentError('incomplete', `the CSV has a quote in a wrong place after row ${sink.count}`);
    }
  }

  function readHeader(wholeRows: Buffer): number {
    const found = findHeader(wholeRows);
    delimiter = found.delimiter;
    header = fieldsOf(wholeRows.subarray(0, found.end))[0] ?? [];
    const twice = firstTwice(header);
    if (twice !== undefined)
      throw new DocumentError('unusable', `the CSV has the column ${JSON.stringify(twice)} twice`);
    if (header.length === 0 || header.includes('')) {
      throw new DocumentError('unusable', 'the CSV has a column without a name');
    }
    return found.end;
  }

  function add(fields: readonly string[]): void {
    if (fields.length !== header.length) {
      const message = `row ${sink.count} of the CSV has ${fields.length} fields, its header has ${header.length}`;
      throw new DocumentError('incomplete', message);
    }
    const members = header.map((name, index) => `${JSON.stringify(name)}:${JSON.stringify(fields[index] || null)}`);
    sink.addText(`{${members.join(',')}}`);
  }

  return {
    read(wholeRows) {
      const start = header.length === 0 ? readHeader(wholeRows) : 0;
      for (const fields of fieldsOf(wholeRows.subarray(start))) add(fields);
    },
  };
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function findHeader(bytes: Buffer): { readonly delimiter: string; readonly end: number } {
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, code: delimiter.charCodeAt(0), count: 0 }));
  let isQuoted = false;
  let end = 0;
  for (; end < bytes.length; end += 1) {
    const byte = bytes[end];
    if (byte === QUOTE) isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (byte === NEWLINE) break;
    for (const each of counts) if (each.code === byte) each.count += 1;
  }
  const most = counts.reduce((best, each) => (each.count > best.count ? each : best));
  return { delimiter: most.delimiter, end: Math.min(end + 1, bytes.length) };
}
