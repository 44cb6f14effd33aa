import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import type { Reject } from '../../../src/domain/rows.js';
import { readLine } from '../../../src/stores/layout/json-line.js';
import type { ReadRow } from '../contract.js';

/** The bytes of a table's file; undefined = it is not there. */
type Fetch = (name: string) => Promise<Buffer | undefined>;

interface PublishedManifest {
  readonly files: readonly { readonly name: string }[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly receipts: readonly { readonly run: string; readonly rejects?: { readonly name: string } }[];
}

/** Reads a table as its readers do: what the manifest lists, each file by its ending. */
export async function readPublished(fetch: Fetch): Promise<readonly ReadRow[] | undefined> {
  const manifest = await manifestOf(fetch);
  if (manifest === undefined) {
    return undefined;
  }
  const rows: ReadRow[] = [];
  for (const { name } of manifest.files) {
    const bytes = await fetch(name);
    if (bytes === undefined) {
      throw new Error(`${name} is listed, but not there`);
    }
    rows.push(...(await rowsOf(name, bytes, manifest.columns)));
  }
  return rows.toSorted(
    (a, b) =>
      compare(String(a['_titan_execution']), String(b['_titan_execution'])) ||
      Number(a['_titan_row']) - Number(b['_titan_row']),
  );
}

export async function readPublishedRejects(fetch: Fetch, run: string): Promise<readonly Reject[]> {
  const listed = (await manifestOf(fetch))?.receipts.find((receipt) => receipt.run === run)?.rejects;
  const bytes = listed === undefined ? undefined : await fetch(listed.name);
  const rejects = linesOf(bytes ?? Buffer.of()).map((line) => JSON.parse(line) as Reject);
  return rejects.map(({ execution, row, reason, raw }) => ({ execution, row, reason, raw }));
}

async function manifestOf(fetch: Fetch): Promise<PublishedManifest | undefined> {
  const bytes = await fetch('_manifest.json');
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString()) as PublishedManifest);
}

async function rowsOf(name: string, bytes: Buffer, columns: PublishedManifest['columns']): Promise<readonly ReadRow[]> {
  const names = [...columns.map((column) => column.name), '_titan_execution', '_titan_row'];
  const cellsOf = await (name.endsWith('.csv') ? readCsv : name.endsWith('.parquet') ? readParquet : readJsonl)(bytes);
  return cellsOf.map((cells) => Object.fromEntries(names.map((column) => [column, cells.get(column) ?? null])));
}

type Cells = ReadonlyMap<string, string | null>;

async function readJsonl(bytes: Buffer): Promise<readonly Cells[]> {
  return linesOf(bytes).map((line) => {
    const { cells, order } = readLine(line);
    const own = [...cells].map(([name, raw]) => [name, decoded(raw)] as const);
    return new Map([...own, ['_titan_execution', order.execution], ['_titan_row', String(order.row)]]);
  });
}

async function readCsv(bytes: Buffer): Promise<readonly Cells[]> {
  const [header = [], ...records] = parse(bytes, {
    cast: (field, { quoting }) => (field === '' && !quoting ? null : field),
  }) as (string | null)[][];
  return records.map((record) => new Map(header.map((name, position) => [name ?? '', record[position] ?? null])));
}

async function readParquet(bytes: Buffer): Promise<readonly Cells[]> {
  const folder = await mkdtemp(join(tmpdir(), 'titanflow-parquet-'));
  const path = join(folder, 'table.parquet');
  await writeFile(path, bytes);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  const values = await connection.runAndReadAll(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM '${path}'`);
  const described = await connection.runAndReadAll(`SELECT column_name, column_type FROM (DESCRIBE FROM '${path}')`);
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true });
  const columns = described.getRowsJson().map(([name, type]) => [name as string, type as string] as const);
  return (values.getRowsJson() as (string | null)[][]).map((record) => {
    const entries = columns.map(([name, type], position) => {
      const value = record[position] ?? null;
      return [name, value !== null && type === 'DOUBLE' ? String(Number(value)) : value] as const;
    });
    return new Map(entries);
  });
}

function decoded(raw: string): string | null {
  if (raw === 'null') {
    return null;
  }
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

function linesOf(bytes: Buffer): readonly string[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
