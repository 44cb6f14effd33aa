import type { Column } from '../../domain/rows.js';
import type { Session } from './connection.js';

export const STAGING_TABLE = 'pg_temp.titan_load';

/**
 * Where rows are laid down: a temporary table that goes with the transaction. Its columns are `c0`, `c1`, … in the order
 * of the load's columns, so that no name of a user's can clash with ours.
 */
export async function createStagingTable(session: Session, columns: readonly Column[]): Promise<void> {
  const cells = columns.map(({ type }, position) => `c${position} ${type}, `).join('');
  await session.query(
    `CREATE TEMPORARY TABLE titan_load (
      ${cells}execution text NOT NULL, row bigint NOT NULL, at timestamptz NOT NULL
    ) ON COMMIT DROP`,
  );
}
