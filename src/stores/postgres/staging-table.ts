import { escapeLiteral } from 'pg';
import type { Load } from '../store.js';
import type { TargetColumn } from './check-table.js';
import type { Session } from './connection.js';

export const STAGING_TABLE = 'pg_temp.titan_load';

/** The run and the moment that all rows of a load have. */
export type KnownRun = Pick<Load, 'run' | 'at'>;

/** Undefined: rows may have any. */
export function knownRun(load: Load): KnownRun | undefined {
  return load.isOfOneExecution === true ? load : undefined;
}

/**
 * Where rows are laid down: a temporary table that goes with the transaction. Its columns are `c0`, `c1`, … in the order
 * of the load's columns, so that no name of a user's can clash with ours. What all rows have is not kept with each of
 * them: see {@link stagedProvenance}.
 */
export async function createStagingTable(
  session: Session,
  columns: readonly TargetColumn[],
  run?: KnownRun,
): Promise<void> {
  const cells = columns.map(({ sqlType }, position) => `c${position} ${sqlType}`);
  const provenance = run
    ? ['row bigint NOT NULL']
    : ['execution text NOT NULL, row bigint NOT NULL, at timestamptz NOT NULL'];
  await session.query(`CREATE TEMPORARY TABLE titan_load (${[...cells, ...provenance].join(', ')}) ON COMMIT DROP`);
}

/** Names of that table's columns, in order. */
export function stagedColumns(columns: readonly TargetColumn[], run?: KnownRun): readonly string[] {
  return [...columns.map((_, position) => `c${position}`), ...(run ? ['row'] : ['execution', 'row', 'at'])];
}

/** SQL for where a row of that table is from; the table is called `load` there. */
export interface StagedProvenance {
  readonly execution: string;
  readonly row: string;
  readonly at: string;
}

export function stagedProvenance(run: KnownRun | undefined): StagedProvenance {
  return run
    ? { execution: `${escapeLiteral(run.run)}::text`, row: 'load.row', at: `${escapeLiteral(run.at)}::timestamptz` }
    : { execution: 'load.execution', row: 'load.row', at: 'load.at' };
}
