import { quoteText } from '../duckdb/sql-text.js';
import type { Session } from '../duckdb/session.js';

/** A row group is in memory until it is full; by rows alone, a group of long texts would be as big as they make it. */
const ROW_GROUP = '32MiB';

/**
 * Writes what a SELECT gives to a Parquet file, compressed with zstd.
 *
 * @returns how many rows it has
 */
export async function copyToParquet(session: Session, selection: string, path: string): Promise<number> {
  const [copied] = await session.query(
    `COPY (${selection}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES '${ROW_GROUP}')`,
  );
  return Number(copied?.['Count']);
}
