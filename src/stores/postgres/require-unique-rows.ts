import { escapeIdentifier } from 'pg';
import type { Publication } from '../../domain/run.js';
import { mergeKey } from '../publication-rules.js';
import type { Session } from './connection.js';
import type { ExistingTable } from './read-table.js';
import { duplicateKeys } from './shape-table.js';
import { hasUniqueKey } from './table-sql.js';
import type { TableName } from './table-name.js';

/**
 * A merge into a table that has no unique index on the key will create one: says beforehand if it cannot.
 *
 * @throws StoreError
 */
export async function requireUniqueRows(
  session: Session,
  publication: Publication,
  name: TableName,
  existing: ExistingTable | undefined,
): Promise<void> {
  const key = mergeKey(publication);
  if (key === undefined || existing === undefined || hasUniqueKey(existing, key)) {
    return;
  }
  if (!key.every((column) => existing.columns.some((have) => have.name === column))) {
    // A column that the merge will add is NULL in every row, and NULLs are never equal.
    return;
  }
  const columns = key.map((column) => escapeIdentifier(column));
  const twice = await session.query(`
    SELECT 1 FROM ${name.sql}
    WHERE ${columns.map((column) => `${column} IS NOT NULL`).join(' AND ')}
    GROUP BY ${columns.join(', ')} HAVING count(*) > 1 LIMIT 1`);
  if (twice.length > 0) {
    throw duplicateKeys(publication.table, key);
  }
}
