import type { Column } from '../../domain/rows.js';
import type { Publication } from '../../domain/run.js';
import { foldName, requireDistinctNames } from '../distinct-names.js';
import { fittedColumns, mergeKey, refused, requireAllowed, withGuesses } from '../publication-rules.js';
import type { StoreError } from '../store.js';
import type { DatabaseSession } from './database.js';
import type { TableState } from './read-table.js';
import { quoteName } from './sql-text.js';
import { ROW_ID, tableSql, type TableName } from './table-name.js';

/**
 * Judges a publication by the table as it stands.
 *
 * @returns the load's columns with the types that the table has for them
 * @throws StoreError
 */
export function checkTable(
  publication: Publication,
  owner: string,
  columns: readonly Column[],
  { existing, record }: TableState,
): readonly Column[] {
  requireAllowed(publication, owner, record);
  if (existing === undefined) {
    return columns;
  }
  const { table } = publication;
  if (!existing.isTable) {
    throw refused(table, 'DuckDB has a view by that name');
  }
  if (existing.columns.some(({ name }) => foldName(name) === ROW_ID)) {
    throw refused(table, `its column "${ROW_ID}" hides what DuckDB knows its rows by; rename it`);
  }
  requireDistinctNames(table, [...existing.columns, ...columns]);
  return fittedColumns(table, withGuesses(existing.columns, record?.guesses), columns);
}

/**
 * A merge makes a table's rows unique by its key: says beforehand if they are not.
 *
 * @throws StoreError
 */
export async function requireMergeable(
  session: DatabaseSession,
  publication: Publication,
  name: TableName,
  { existing, record }: TableState,
): Promise<void> {
  const key = mergeKey(publication);
  if (key === undefined || existing === undefined || record?.key !== undefined) {
    return;
  }
  // A column that the merge will add is NULL in every row, and NULLs are never equal.
  const isThere = key.every((column) => existing.columns.some((have) => have.name === column));
  if (isThere && (await hasKeyTwice(session, name, key))) {
    throw duplicateKeys(publication.table, key);
  }
}

/** NULLs are never equal. */
export async function hasKeyTwice(session: DatabaseSession, name: TableName, key: readonly string[]): Promise<boolean> {
  const columns = key.map(quoteName);
  const twice = await session.query(`
    SELECT 1 FROM ${tableSql(session, name)}
    WHERE ${columns.map((column) => `${column} IS NOT NULL`).join(' AND ')}
    GROUP BY ${columns.join(', ')} HAVING count(*) > 1 LIMIT 1`);
  return twice.length > 0;
}

/** What a merge on a table that has two rows with one key is told. */
export function duplicateKeys(table: string, key: readonly string[]): StoreError {
  return refused(table, `it has several rows with the same key ${key.join(', ')}, so nothing can be merged into it`);
}
