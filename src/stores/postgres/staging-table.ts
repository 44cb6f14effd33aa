import { escapeLiteral } from 'pg';
import type { Column } from '../../domain/rows.js';
import type { Load } from '../store.js';
import type { Session } from './connection.js';

export const STAGING_TABLE = 'pg_temp.titan_load';

/**
 * Where rows are laid down: a temporary table that goes with the transaction. Its columns are `c0`, `c1`, … in the order
 * of the load's columns, so that no name of a user's can clash with ours.
 *
 * @param run what all rows have, so that it need not be sent with each of them
 * @returns what a COPY of the rows is to name: with `run`, only the position follows the cells
 */
export async function createStagingTable(
  session: Session,
  columns: readonly Column[],
  run?: Pick<Load, 'run' | 'at'>,
): Promise<string> {
  const cells = columns.map(({ type }, position) => `c${position} ${type}, `).join('');
  const known = (value: string | undefined): string => (value === undefined ? '' : ` DEFAULT ${escapeLiteral(value)}`);
  await session.query(
    `CREATE TEMPORARY TABLE titan_load (
      ${cells}execution text NOT NULL${known(run?.run)}, row bigint NOT NULL, at timestamptz NOT NULL${known(run?.at)}
    ) ON COMMIT DROP`,
  );
  return run
    ? `${STAGING_TABLE} (${[...columns.map((_, position) => `c${position}`), 'row'].join(', ')})`
    : STAGING_TABLE;
}
