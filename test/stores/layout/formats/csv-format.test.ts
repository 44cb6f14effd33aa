import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Column, Row } from '../../../../src/domain/rows.js';
import { csvText, readCsvText } from '../../../../src/stores/layout/formats/csv-cell.js';
import { createCsvFormat, readCsvLines } from '../../../../src/stores/layout/formats/csv-format.js';
import { createLineWriter } from '../../../../src/stores/layout/json-line.js';
import { writeLocalFile } from '../../../../src/stores/layout/local-file.js';

describe('CSV', () => {
  let work: string;
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'titanflow-csv-'));
  });
  afterAll(() => rm(work, { recursive: true }));
  const { signal } = new AbortController();
  const provenance = { execution: 'e-1', row: 0, at: '2026-01-01T00:00:00Z' };

  /** Writes rows as CSV. @returns the file's text, and the lines that are read back from it */
  const roundTrip = async (
    columns: readonly Column[],
    rows: readonly Row[],
    escapesFormulas = false,
  ): Promise<{ readonly text: string; readonly before: string[]; readonly after: string[] }> => {
    const before = rows.map(createLineWriter(columns));
    const { file: lines } = await writeLocalFile(join(work, 'lines'), (write) => write(before.join('')));
    const path = join(work, 'rows.csv');
    const { marks } = await createCsvFormat(escapesFormulas).write({ lines, columns, path, signal });
    const after: string[] = [];
    for await (const batch of readCsvLines({ path, file: { name: 'rows.csv', ...marks }, columns, work, signal })) {
      after.push(...batch.map((line) => `${line}\n`));
    }
    return { text: await readFile(path, 'utf8'), before, after };
  };

  it('is as RFC 4180 has it: null is empty, an empty text has quotes', async () => {
    const columns: readonly Column[] = [
      { name: 'text', type: 'text' },
      { name: 'a "b", c', type: 'numeric' },
      { name: 'any', type: 'jsonb' },
      { name: 'seen', type: 'timestamptz' },
    ];
    const rows: readonly Row[] = [
      { ...provenance, cells: [JSON.stringify('a, "b"\r\n'), '1.10', '{"a": [1]}', '"2026-01-01T00:00:00Z"'] },
      { ...provenance, row: 1, cells: ['""', 'null', 'null', undefined] },
      { ...provenance, row: 2, cells: [undefined, '9007199254740993', '"s"', 'null'] },
    ];
    const { text } = await roundTrip(columns, rows);
    const lines = [
      'text,"a ""b"", c",any,seen,_titan_execution,_titan_row,_titan_at',
      '"a, ""b""\r\n",1.10,"{""a"": [1]}",2026-01-01T00:00:00Z,e-1,0,2026-01-01T00:00:00Z',
      '"",,,,e-1,1,2026-01-01T00:00:00Z',
      ',9007199254740993,"""s""",,e-1,2,2026-01-01T00:00:00Z',
      '',
    ];
    expect(text).toBe(lines.join('\r\n'));
  });

  it('gives back what was written, whatever the texts and names are', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ' ', "'", '=1', "'=1", '-', '\t', '\r\n', '"', ',', "''@", '\uFEFF', '\u2028'),
    );
    const names = fc.uniqueArray(text, { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(
      names,
      fc.array(fc.array(fc.option(text, { nil: undefined }), { minLength: 4, maxLength: 4 }), { minLength: 1 }),
      fc.boolean(),
      async (names, texts, escapesFormulas) => {
        const columns = names.map((name) => ({ name, type: 'text' as const }));
        const rows = texts.map((cells, row) => ({
          ...provenance,
          execution: names[0] ?? '',
          row,
          cells: columns.map((_, position) =>
            cells[position] === undefined ? undefined : JSON.stringify(cells[position]),
          ),
        }));
        const { before, after } = await roundTrip(columns, rows, escapesFormulas);
        expect(after).toEqual(before);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\r=x', "'=1", "''+1"])(
    'shows no spreadsheet the formula %j, in a cell or a name, if it shall not',
    async (formula) => {
      const columns = [{ name: formula, type: 'text' } as const, { name: 'n', type: 'numeric' } as const];
      const { text } = await roundTrip(columns, [{ ...provenance, cells: [JSON.stringify(formula), '-1'] }], true);
      const [header = [], record = []] = parse(text);
      expect([header[0], record[0], record[1]]).toEqual([`'${formula}`, `'${formula}`, '-1']);
      expect(readCsvText(csvText(formula, true).replace(/^"([^]*)"$/, '$1'), true)).toBe(formula);
    },
  );

  it('leaves formulas and apostrophes alone if it is not told to', async () => {
    const columns = [{ name: 't', type: 'text' } as const];
    const { text } = await roundTrip(columns, [{ ...provenance, cells: [`"'=1"`] }]);
    expect(parse(text)[1]?.[0]).toBe("'=1");
  });

  it.each([String.raw`"\u0000"`, String.raw`"\ud800"`])('cannot hold %s, and says so', (raw) => {
    const columns = [{ name: 't', type: 'text' } as const];
    const fitting = createCsvFormat(false).createFitting(columns, columns);
    expect(fitting({ ...provenance, cells: [raw] })).toMatch(/^column "t": has a NUL character or half a character/);
    expect(fitting({ ...provenance, cells: ['"😀"'] })).toMatchObject({ cells: ['"😀"'] });
  });
});
