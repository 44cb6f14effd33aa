import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { z } from 'zod';
import { parseExactly } from '../domain/exact-number.js';
import type { PublishReceipt } from '../domain/run.js';
import type { StoresConfig } from '../domain/store-config.js';
import { shown } from '../printable.js';
import { readLines } from '../stores/layout/read-lines.js';

const FIRST_ROWS = 3;
const WIDEST_CELL = 28;
const WIDEST_TABLE = 8;

const manifest = z.looseObject({ files: z.array(z.looseObject({ name: z.string() })) });
const record = z.record(z.string(), z.unknown());

/** Where the rows of each publication are, and, where they are files of this machine, the first of them. */
export async function showRows(stores: StoresConfig, published: readonly PublishReceipt[]): Promise<string[]> {
  return Promise.all(published.map((receipt) => showPublication(stores, receipt)));
}

async function showPublication(stores: StoresConfig, { store, table, rows }: PublishReceipt): Promise<string> {
  const config = stores[store];
  if (config?.kind !== 'files') return `${table}: ${rows} rows in store ${store}`;
  const directory = join(config.directory, table);
  const { files } = manifest.parse(JSON.parse(await readFile(join(directory, '_manifest.json'), 'utf8')));
  const newest = files.at(-1);
  if (newest === undefined) return `${table}: no rows, ${directory}`;
  const path = join(directory, newest.name);
  if (!path.endsWith('.jsonl')) return `${table}: ${path}`;
  return `${table}: ${path}\n${rowsTable(await firstRecords(path))}`;
}

async function firstRecords(path: string): Promise<Record<string, unknown>[]> {
  const records: Record<string, unknown>[] = [];
  for await (const lines of readLines(path)) {
    records.push(...lines.slice(0, FIRST_ROWS - records.length).map((line) => record.parse(parseExactly(line))));
    if (records.length === FIRST_ROWS) break;
  }
  return records;
}

function rowsTable(records: readonly Record<string, unknown>[]): string {
  const columns = [...new Set(records.flatMap((row) => Object.keys(row)))].filter(
    (name) => !name.startsWith('_titan_'),
  );
  const first = columns.slice(0, WIDEST_TABLE);
  const table = new Table({ head: shown(first), style: { head: [], border: [] } });
  for (const row of records) table.push(first.map((column) => cell(row[column])));
  return table.toString();
}

function cell(value: unknown): string {
  const text = shown(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  return text.length > WIDEST_CELL ? `${text.slice(0, WIDEST_CELL - 1)}…` : text;
}
