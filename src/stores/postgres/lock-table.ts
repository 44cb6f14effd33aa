import type { Session } from './connection.js';
import type { TableName } from './table-name.js';

/** Whatever changes a table takes its turn, until the end of the transaction. Readers need not wait. */
export async function lockTable(session: Session, { qualified }: TableName): Promise<void> {
  await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`titanflow ${qualified}`]);
}
