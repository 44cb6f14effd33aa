import type { Column } from '../../domain/rows.js';
import { mergeKey } from '../publication-rules.js';
import { requireWholeLoad, type AppliedRows } from '../load-receipt.js';
import type { Load } from '../store.js';
import { appendRows, replaceRows, targetColumns } from './apply-rows.js';
import type { CheckedTable } from './check-table.js';
import type { Session } from './connection.js';
import { clearRejects, copyRejects, rejectLine, REJECTS } from './copy-rejects.js';
import { copyRows, type CopiedRows } from './copy-rows.js';
import { mergeRows } from './merge-rows.js';
import { isWellShaped, shapeTable } from './shape-table.js';
import { createStagingTable, knownRun, STAGING_TABLE, stagedProvenance } from './staging-table.js';
import type { TableName } from './table-name.js';

/** What became of a load's rows, and which table has them. */
export interface LoadedRows extends AppliedRows {
  readonly rejected: number;
  readonly oid: string;
}

export interface LoadPlan extends CheckedTable {
  readonly name: TableName;
  /** The load's, with the types that the table has for them. */
  readonly columns: readonly Column[];
}

/**
 * Brings a load's rows into its table. They go straight there where nothing else has to happen to the table; else they
 * are laid down first, and the table is altered only when all of them are with the server: until then nobody who reads
 * it has to wait.
 */
export async function loadRows(session: Session, load: Load, plan: LoadPlan): Promise<LoadedRows> {
  await clearRejects(session, load, plan.name);
  const { existing } = plan;
  const isStraight =
    load.publication.mode !== 'merge' &&
    (existing === undefined || (isWellShaped(existing, plan.columns) && !existing.guarded));
  return isStraight ? loadStraight(session, load, plan) : loadStaged(session, load, plan);
}

async function loadStraight(session: Session, load: Load, plan: LoadPlan): Promise<LoadedRows> {
  const { name, columns, existing } = plan;
  const oid = await shape(session, load, plan);
  if (load.publication.mode === 'replace' && existing !== undefined) {
    await session.query(`DELETE FROM ${name.sql}`);
  }
  const target = `${name.sql} (${targetColumns(columns).join(', ')})`;
  const { valid, rejected } = await copyAll(session, load, plan, target);
  return { oid, rejected, inserted: valid, updated: 0, unchanged: 0, duplicates: 0 };
}

async function loadStaged(session: Session, load: Load, plan: LoadPlan): Promise<LoadedRows> {
  const run = knownRun(load);
  await createStagingTable(session, plan.columns, run);
  const copied = await copyAll(session, load, plan, STAGING_TABLE, run !== undefined);
  const oid = await shape(session, load, plan);
  return { oid, rejected: copied.rejected, ...(await applyRows(session, load, plan, copied)) };
}

async function copyAll(
  session: Session,
  load: Load,
  plan: LoadPlan,
  into: string,
  knowsRun = false,
): Promise<CopiedRows> {
  const copied = await copyRows(session, load, plan.columns, {
    rows: into,
    knowsRun,
    rejects: REJECTS,
    rejectLine: (reject) => rejectLine(load, plan.name.qualified, reject),
  });
  const rejects = await copyRejects(session, load, plan.name);
  requireWholeLoad(load, { rows: copied.valid + copied.rejected, rejects });
  return copied;
}

function shape(session: Session, { publication }: Load, { name, columns, existing }: LoadPlan): Promise<string> {
  return shapeTable(session, { table: publication.table, name, columns, key: mergeKey(publication) }, existing);
}

/** Brings the rows of `titan_load` into their table. */
export function applyRows(
  session: Session,
  load: Load,
  { name, columns, existing, record }: LoadPlan,
  copied: CopiedRows,
): Promise<AppliedRows> {
  const { publication } = load;
  const provenance = stagedProvenance(knownRun(load));
  if (publication.mode === 'append') {
    return appendRows(session, name, columns, provenance, copied);
  }
  if (publication.mode === 'replace') {
    return replaceRows(session, name, columns, provenance, copied);
  }
  const lapsed = (record?.columns ?? []).filter((written) => !columns.some((column) => column.name === written));
  const target = { name, columns, key: publication.key ?? [], lapsed, provenance, isNew: existing === undefined };
  return mergeRows(session, target, copied);
}
