import { rm } from 'node:fs/promises';
import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import { DUCKDB_TYPES, quoteName, quoteText, readJsonLines } from '../duckdb/sql-text.js';
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
    await database.session.query(`
      COPY (
        SELECT ${selected.join(', ')} FROM ${readJsonLines(longest === undefined ? lines : prepared, members, longest)}
      ) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES '${ROW_GROUP}')`);
  } finally {
    await database.close();
    await rm(prepared, { force: true });
  }
}

/** A row group is in memory until it is full; by rows alone, a group of long texts would be as big as they make it. */
const ROW_GROUP = '32MiB';
