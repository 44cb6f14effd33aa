import { escapeIdentifier } from 'pg';
import { z } from 'zod';
import { mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import type { LoadPlan } from './apply-load.js';
import type { Session } from './connection.js';
import { RowFault } from './postgres-failure.js';
import { knownRun, STAGING_TABLE, stagedProvenance } from './staging-table.js';

/** A row that our own look let pass, and that its table did not take. */
export interface RefusedRow {
  readonly execution: string;
  readonly row: number;
  readonly reason: string;
}

/**
 * Finds rows of `titan_load` that are not in their table although it took them: a trigger has dropped them. Rows that a
 * trigger has put into another table count as there where a reader of this one finds them.
 */
export async function droppedRows(session: Session, load: Load, plan: LoadPlan): Promise<readonly RefusedRow[]> {
  if (plan.existing?.filtered !== true) return [];
  const { execution } = stagedProvenance(knownRun(load));
  const rows = await session.query(
    `SELECT ${execution} AS execution, load.row AS row FROM ${STAGING_TABLE} AS load ${whereMissing(load, plan)}`,
  );
  return rows.map((row) => ({ ...droppedRow.parse(row), reason: DROPPED }));
}

/** @throws RowFault where a trigger has dropped any */
export async function requireNoneDropped(session: Session, load: Load, plan: LoadPlan): Promise<void> {
  if (plan.existing?.filtered !== true) return;
  const found = await session.query(`SELECT 1 FROM ${STAGING_TABLE} AS load ${whereMissing(load, plan)} LIMIT 1`);
  if (found.length > 0) throw new RowFault(DROPPED);
}

/** A merge may leave a newer row in place of the load's: what counts is that there is one with its key. */
function whereMissing(load: Load, { name, columns }: LoadPlan): string {
  const { execution, row } = stagedProvenance(knownRun(load));
  const key = mergeKey(load.publication)?.map(
    (part) => `have.${escapeIdentifier(part)} = load.c${columns.findIndex((column) => column.name === part)}`,
  );
  const same = key ?? [`have._titan_execution = ${execution}`, `have._titan_row = ${row}`];
  return `WHERE NOT EXISTS (SELECT FROM ${name.sql} AS have WHERE ${same.join(' AND ')})`;
}

const DROPPED = 'a trigger of the table dropped it';

/** The driver gives a bigint as text. */
const droppedRow = z.object({ execution: z.string(), row: z.coerce.number() });
