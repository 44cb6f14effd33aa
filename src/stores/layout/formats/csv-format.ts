import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { PROVENANCE_COLUMNS, type Column, type Row } from '../../../domain/rows.js';
import { csvCell, csvText, readCsvCell, readCsvText, textOf } from './csv-cell.js';
import type { Format } from './format.js';
import { createLineWriter, readLine } from '../json-line.js';
import { writeLocalFile } from '../local-file.js';
import type { DataFileToRead } from './read-data-file.js';
import { readLines } from '../read-lines.js';

/**
 * CSV as in RFC 4180, UTF-8, with a header: the table's columns in their order, then the provenance.
 *
 * @param escapesFormulas put a `'` before texts that a spreadsheet would take for a formula
 */
export function createCsvFormat(escapesFormulas: boolean): Format {
  return {
    ending: 'csv',
    requireColumns: () => undefined,
    createFitting: (_, types) => (row) => unfitReason(types, row) ?? row,
    async write({ lines, columns, path, signal }) {
      const header = [...columns, ...PROVENANCE_COLUMNS].map(({ name }) => csvText(name, escapesFormulas));
      const { file } = await writeLocalFile(path, async (write) => {
        await write(`${header.join(',')}\r\n`);
        for await (const batch of readLines(lines.path, signal)) {
          await write(batch.map((line) => csvRow(columns, line, escapesFormulas)).join(''));
        }
      });
      return escapesFormulas ? { ...file, marks: { escapedFormulas: true } } : file;
    },
  };
}

/** Reads a file that {@link createCsvFormat} has written. */
export async function* readCsvLines({
  path,
  file,
  columns,
  signal,
}: DataFileToRead): AsyncGenerator<readonly string[]> {
  const escaped = file.escapedFormulas === true;
  let writeLine: ((record: CsvRecord) => string) | undefined;
  let batch: string[] = [];
  for await (const record of readRecords(path)) {
    if (writeLine === undefined) {
      const names = record.map((name) => readCsvText(name ?? '', escaped));
      writeLine = createRecordReader(names, columns, escaped);
      continue;
    }
    batch.push(writeLine(record));
    if (batch.length === BATCH) {
      signal?.throwIfAborted();
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

/** undefined = an empty field without quotes */
type CsvRecord = readonly (string | undefined)[];

const BATCH = 1_000;

function csvRow(columns: readonly Column[], line: string, escapesFormulas: boolean): string {
  const { order, cells } = readLine(line);
  const own = columns.map(({ name, type }) => csvCell(type, cells.get(name), escapesFormulas));
  const provenance = [csvText(order.execution, escapesFormulas), String(order.row), order.at];
  return `${[...own, ...provenance].join(',')}\r\n`;
}

function createRecordReader(
  names: readonly string[],
  columns: readonly Column[],
  escaped: boolean,
): (record: CsvRecord) => string {
  const types = new Map([...columns, ...PROVENANCE_COLUMNS].map(({ name, type }) => [name, type]));
  const provenance = PROVENANCE_COLUMNS.map(({ name }) => names.indexOf(name));
  const own = names.flatMap((name, position) =>
    provenance.includes(position) ? [] : [{ name, type: types.get(name) ?? 'text', position }],
  );
  const writeLine = createLineWriter(own);
  return (record) => {
    const [execution = '', row, at = ''] = provenance.map((position) => record[position]);
    const cells = own.map(({ type, position }) => readCsvCell(type, record[position], escaped));
    return writeLine({ execution: readCsvText(execution, escaped), row: Number(row), at, cells }).trimEnd();
  };
}

function readRecords(path: string): AsyncIterable<CsvRecord> {
  const parser = parse({
    record_delimiter: '\r\n',
    cast: (field, { quoting }) => (field === '' && !quoting ? undefined : field),
  });
  // Whoever reads the parser is told of the file's errors, too.
  return pipeline(createReadStream(path), parser, () => undefined) as AsyncIterable<CsvRecord>;
}

/** A NUL ends a text for many readers, and half a character cannot be written at all. */
function unfitReason(columns: readonly Column[], { cells }: Row): string | undefined {
  for (const [position, { name, type }] of columns.entries()) {
    const raw = cells[position];
    if (type === 'text' && raw?.includes('\\u') === true && UNFIT.test(textOf(raw))) {
      return `column ${JSON.stringify(name)}: has a NUL character or half a character (a lone surrogate)`;
    }
  }
  return undefined;
}

const UNFIT = /\0|\p{Surrogate}/u;
