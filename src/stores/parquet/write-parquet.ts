import { rm } from 'node:fs/promises';
import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import { DUCKDB_TYPES, quoteName, readJsonLines } from '../duckdb/sql-text.js';
import { copyToParquet } from './copy-to-parquet.js';
import { openMemoryDatabase } from './memory-database.js';
import { writeJsonAsText } from './write-json-as-text.js';

export interface ParquetWriting {
  /** A JSON Lines file as `createLineWriter` writes it, of rows that are typed: see `createTypedRow`. */
  readonly lines: string;
  /** The file's columns, in order; provenance follows. Their names must differ by more than case. */
  readonly columns: readonly Column[];
  /** The file to write. One that is there is replaced. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/**
 * Turns a JSON Lines file into Parquet: zstd, the rows in the order of the lines, NULL for what a line lacks, JSON as
 * it is written. Until it returns, `<path>` is not whole, and `<path>.json.part` and the folder `<path>.spill.part` may
 * lie beside it. Nothing is synced to the disk: that is left to who makes the file count.
 *
 * @throws StoreError; what reading `lines` throws; the signal's reason
 */
export async function writeParquet({ lines, columns, path, signal }: ParquetWriting): Promise<void> {
  const documents = columns.filter(({ type }) => type === 'jsonb').map(({ name }) => name);
  const prepared = `${path}.json.part`;
  const database = await openMemoryDatabase(path, signal);
  try {
    const longest = documents.length > 0 ? await writeJsonAsText(lines, documents, prepared, signal) : undefined;
    const all = [...columns, ...PROVENANCE_COLUMNS];
    const members = all.map(({ name, type }) => [name, type === 'jsonb' ? 'VARCHAR' : DUCKDB_TYPES[type]] as const);
    const selected = all.map(({ name, type }) =>
      type === 'jsonb' ? `${quoteName(name)}::JSON AS ${quoteName(name)}` : quoteName(name),
    );
    const source = readJsonLines(longest === undefined ? lines : prepared, members, longest);
    await copyToParquet(database.session, `SELECT ${selected.join(', ')} FROM ${source}`, path);
  } finally {
    await database.close();
    await rm(prepared, { force: true });
  }
}
