import { bookkeepingOf } from './bookkeeping.js';
import type { DatabaseSession } from './database.js';
import { readTableState } from './read-table.js';
import type { TableName } from './table-name.js';

/** Rows of the last publication to the table as it stands, by any run but one, that was not superseded. */
export async function readLastRows(
  session: DatabaseSession,
  table: string,
  name: TableName,
  exceptRun: string,
): Promise<number | undefined> {
  const { existing, record } = await readTableState(session, table, name);
  if (existing?.id === undefined || record === undefined) {
    return undefined;
  }
  const [row] = await session.query(
    `SELECT rows FROM ${bookkeepingOf(session)}.receipts
     WHERE "table" = $1 AND table_id = $2 AND run <> $3 AND NOT superseded
     ORDER BY published_at DESC, "at" DESC LIMIT 1`,
    [name.qualified, existing.id, exceptRun],
  );
  return row === undefined ? undefined : Number(row['rows']);
}
