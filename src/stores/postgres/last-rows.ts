import { hasBookkeeping } from './bookkeeping.js';
import type { Session } from './connection.js';
import { readTable } from './read-table.js';
import type { TableName } from './table-name.js';

/** Rows of the last publication to the table as it stands, by any run but one, that was not superseded. */
export async function readLastRows(session: Session, name: TableName, exceptRun: string): Promise<number | undefined> {
  const existing = await readTable(session, name);
  if (existing === undefined || !(await hasBookkeeping(session))) {
    return undefined;
  }
  const [row] = await session.query(LAST_ROWS, [name.qualified, existing.oid, exceptRun]);
  return row === undefined ? undefined : Number(row['rows']);
}

const LAST_ROWS = `
  SELECT rows
  FROM titanflow.receipts
  WHERE "table" = $1 AND table_oid = $2 AND run <> $3 AND NOT superseded
  ORDER BY published_at DESC, at DESC
  LIMIT 1`;
