import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type Json } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Column, Row } from '../../../src/domain/rows.js';
import { createLineWriter } from '../../../src/stores/layout/json-line.js';
import { readParquetLines } from '../../../src/stores/parquet/read-parquet-lines.js';
import { writeParquet } from '../../../src/stores/parquet/write-parquet.js';

describe('a Parquet file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `titanflow-parquet 'it[1]*-`));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const { signal } = new AbortController();

  const write = async (name: string, columns: readonly Column[], rows: readonly Row[]): Promise<string> => {
    const [lines, path] = [join(folder, `${name}.jsonl`), join(folder, `${name}.parquet`)];
    await writeFile(lines, rows.map(createLineWriter(columns)).join(''));
    await writeParquet({ lines, columns, path, signal });
    return path;
  };
  const readBack = async (path: string, columns: readonly Column[]): Promise<readonly string[]> => {
    const batches: string[] = [];
    for await (const batch of readParquetLines({ path, columns, signal })) {
      batches.push(...batch);
    }
    return batches;
  };

  it('holds typed columns that another reader understands, and gives back its lines', async () => {
    const path = await write('all', COLUMNS, ROWS);
    expect(await describeFile(path)).toEqual([
      ['t', 'VARCHAR'],
      ['n', 'DOUBLE'],
      ['i', 'BIGINT'],
      ['b', 'BOOLEAN'],
      ['at', 'TIMESTAMP WITH TIME ZONE'],
      ['j"s', 'JSON'],
      ['_titan_execution', 'VARCHAR'],
      ['_titan_row', 'BIGINT'],
      ['_titan_at', 'TIMESTAMP WITH TIME ZONE'],
    ]);
    const lines = (await readFile(join(folder, 'all.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(await readBack(path, COLUMNS)).toEqual(lines);
  });

  it('may have no rows, and lack columns that are asked for', async () => {
    const path = await write('none', COLUMNS, []);
    expect(await readBack(path, COLUMNS)).toEqual([]);
    const narrow = await write('narrow', COLUMNS.slice(0, 1), [{ ...ROW, cells: ['"only"'] }]);
    expect(await readBack(narrow, COLUMNS)).toEqual([
      '{"t":"only","_titan_execution":"e","_titan_row":0,"_titan_at":"2026-01-01T00:00:00Z"}',
    ]);
  });

  it('keeps the order of many rows, long ones too, and leaves nothing beside it', async () => {
    const rows = Array.from({ length: 150_000 }, (_, row) => ({ ...ROW, row, cells: [`"${'x'.repeat(row % 700)}"`] }));
    const path = await write('many', COLUMNS.slice(0, 1), rows);
    const positions = (await readBack(path, [])).map((line) => Number(/"_titan_row":(\d+)/.exec(line)?.[1]));
    expect(positions).toEqual(rows.map(({ row }) => row));
    expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('holds one record of 16 MiB', async () => {
    const json = `[${'"",'.repeat((16 * 1024 * 1024) / 3 - 10)}""]`;
    const columns: readonly Column[] = [{ name: 'j', type: 'jsonb' }];
    const path = await write('long', columns, [{ ...ROW, cells: [json] }]);
    const [line] = await readBack(path, columns);
    expect(line?.startsWith(`{"j":${json},"_titan_execution"`)).toBe(true);
  });

  it('is given up when it is aborted, and says which file could not be written or read', async () => {
    const path = join(folder, 'gone.parquet');
    const lines = join(folder, 'all.jsonl');
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(writeParquet({ lines, columns: COLUMNS, path, signal: aborted })).rejects.toThrow('enough');
    const nowhere = join(folder, 'no', 'such.parquet');
    await expect(writeParquet({ lines, columns: [], path: nowhere, signal })).rejects.toMatchObject({
      name: 'StoreError',
      reason: 'unavailable',
      message: expect.stringMatching(/such\.parquet: IO Error/),
    });
    await expect(readBack(path, COLUMNS)).rejects.toThrow(/gone\.parquet: IO Error: No files found/);
  });
});

const COLUMNS: readonly Column[] = [
  { name: 't', type: 'text' },
  { name: 'n', type: 'numeric' },
  { name: 'i', type: 'bigint' },
  { name: 'b', type: 'boolean' },
  { name: 'at', type: 'timestamptz' },
  { name: 'j"s', type: 'jsonb' },
];
const ROW: Row = { execution: 'e', row: 0, at: '2026-01-01T00:00:00Z', cells: [] };
const ROWS: readonly Row[] = [
  {
    ...ROW,
    cells: [
      '"a\\"b\\n\\u0001ü😀\\\\"',
      '1.1',
      '9223372036854775807',
      'true',
      '"2026-02-28T23:59:59.123456Z"',
      '{"a": [1.10, 9007199254740993]}',
    ],
  },
  {
    ...ROW,
    row: 1,
    cells: ['""', '0', '-9223372036854775808', 'false', '"0001-01-01T00:00:00Z"', '"text \\"quoted\\""'],
  },
  { ...ROW, row: 2, cells: [undefined, '1.7976931348623157e+308', '0', undefined, '"9999-12-31T23:59:59.5Z"', '[]'] },
  {
    ...ROW,
    row: 3,
    at: '2026-01-01T00:00:00.000001Z',
    cells: ['"null"', undefined, undefined, undefined, undefined, undefined],
  },
];

async function describeFile(path: string): Promise<readonly (readonly Json[])[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    'SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($1))',
    [path],
  );
  connection.closeSync();
  instance.closeSync();
  return reader.getRowsJson();
}
