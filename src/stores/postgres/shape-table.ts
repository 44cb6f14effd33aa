import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import { refused, widenedColumns } from '../publication-rules.js';
import { StoreError } from '../store.js';
import type { Session } from './connection.js';
import type { ExistingTable } from './read-table.js';
import { missingColumns, tableSql, uniqueIndexSql, type TableShape } from './table-sql.js';

/**
 * Makes the table ready for a load: creates it, or adds the columns that it lacks, and the unique index on the key.
 *
 * Rows that were there before titanflow get a provenance older than any: `_titan_at` is `-infinity`.
 *
 * @returns the table's oid
 * @throws StoreError
 */
export async function shapeTable(
  session: Session,
  shape: TableShape,
  existing: ExistingTable | undefined,
): Promise<string> {
  const { name } = shape;
  for (const statement of tableSql(shape, existing)) await session.query(statement);
  const index = uniqueIndexSql(shape, existing);
  if (index !== undefined) await createUniqueIndex(session, shape, index);
  const [row] = await session.query('SELECT $1::regclass::oid::text AS oid', [name.sql]);
  return String(row?.['oid']);
}

/** True where a load of these columns leaves the table as it is. */
export function isWellShaped(existing: ExistingTable, columns: readonly Column[]): boolean {
  const isComplete = missingColumns([...columns, ...PROVENANCE_COLUMNS], existing).length === 0;
  return isComplete && widenedColumns(existing.columns, columns).length === 0;
}

/** What a merge on a table that has two rows with one key is told. */
export function duplicateKeys(table: string, key: readonly string[], options?: ErrorOptions): StoreError {
  return refused(
    table,
    `it has several rows with the same key ${key.join(', ')}, so nothing can be merged into it`,
    options,
  );
}

async function createUniqueIndex(session: Session, { table, key = [] }: TableShape, statement: string): Promise<void> {
  try {
    await session.query(statement);
  } catch (error) {
    const cause = error instanceof StoreError ? error.cause : undefined;
    if (cause instanceof Error && 'code' in cause && cause.code === UNIQUE_VIOLATION) {
      throw duplicateKeys(table, key, { cause });
    }
    throw error;
  }
}

const UNIQUE_VIOLATION = '23505';
