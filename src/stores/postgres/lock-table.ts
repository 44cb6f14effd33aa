import type { Session } from './connection.js';
import type { TableName } from './table-name.js';

/** Whatever changes a table takes its turn, until the end of the transaction. Readers need not wait. */
export async function lockTable(session: Session, name: TableName): Promise<void> {
  await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lockOf(name)]);
}

/** Returns whether nobody changes the table; until the end of the transaction nobody begins to. */
export async function isAtRest(session: Session, name: TableName): Promise<boolean> {
  const [row] = await session.query('SELECT pg_try_advisory_xact_lock_shared(hashtextextended($1, 0)) AS is_at_rest', [
    lockOf(name),
  ]);
  return row?.['is_at_rest'] === true;
}

function lockOf({ qualified }: TableName): string {
  return `titanflow ${qualified}`;
}
