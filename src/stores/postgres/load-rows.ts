import { requireWholeLoad, type AppliedRows, type RefusedRows } from '../load-receipt.js';
import { mergeKey } from '../publication-rules.js';
import { rejectedRow } from '../row-key.js';
import type { Load } from '../store.js';
import { abortable } from '../abortable.js';
import { applyByParts } from './apply-by-parts.js';
import { applyRows, type LoadPlan } from './apply-load.js';
import { targetColumns } from './apply-rows.js';
import type { Session } from './connection.js';
import { clearRejects, copyRejects, rejectLine, REJECTS, sendRejects } from './copy-rejects.js';
import { copyRows, copyRowsInBlocks, type CopiedRows } from './copy-rows.js';
import { requireNoneDropped, type RefusedRow } from './dropped-rows.js';
import { RowFault } from './postgres-failure.js';
import { isWellShaped, shapeTable } from './shape-table.js';
import { createStagingTable, knownRun, STAGING_TABLE } from './staging-table.js';

/** What became of a load's rows, and which table has them. */
export interface LoadedRows extends AppliedRows, RefusedRows {
  readonly oid: string;
}

/**
 * Brings a load's rows into its table. Nearly all tables take whatever our own look at the rows lets pass. Where the server
 * refuses rows all the same, all of it is done again with care: the rows that it refuses are found and become rejects.
 */
export async function loadRows(session: Session, load: Load, plan: LoadPlan): Promise<LoadedRows> {
  await clearRejects(session, load, plan.name);
  // Constraints that wait for the commit would fail there, where no row can be told to be the bad one.
  await session.query('SET CONSTRAINTS ALL IMMEDIATE');
  const quick = await session.attempt(() => loadQuickly(session, load, plan));
  return 'done' in quick ? quick.done : loadCarefully(session, load, plan);
}

/**
 * Rows go straight to the table where nothing else has to happen to it; else they are laid down first, and the table is
 * altered only when all of them are with the server: until then nobody who reads it has to wait.
 */
async function loadQuickly(session: Session, load: Load, plan: LoadPlan): Promise<LoadedRows> {
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
  const { valid, rejected, why, dropped } = await copyAll(session, load, plan, { rows: target });
  if (dropped > 0) throw new RowFault('a trigger of the table has dropped rows');
  return { oid, rejected, why, inserted: valid, updated: 0, unchanged: 0, duplicates: 0 };
}

async function loadStaged(session: Session, load: Load, plan: LoadPlan): Promise<LoadedRows> {
  const run = knownRun(load);
  await createStagingTable(session, plan.columns, run);
  const copied = await copyAll(session, load, plan, { rows: STAGING_TABLE, knowsRun: run !== undefined });
  const oid = await shape(session, load, plan);
  const applied = await applyRows(session, load, plan, copied);
  await requireNoneDropped(session, load, plan);
  return { oid, rejected: copied.rejected, why: copied.why, ...applied };
}

async function loadCarefully(session: Session, load: Load, plan: LoadPlan): Promise<LoadedRows> {
  const run = knownRun(load);
  await createStagingTable(session, plan.columns, run);
  const options = { rows: STAGING_TABLE, knowsRun: run !== undefined, inBlocks: true };
  const copied = await copyAll(session, load, plan, options);
  const oid = await shape(session, load, plan);
  const { applied, refused } = await applyByParts(session, load, plan);
  await keepRefused(session, load, plan, refused);
  return { oid, rejected: copied.rejected + refused.length, why: copied.why ?? refused[0]?.reason, ...applied };
}

/** The rows are read once more: only they have the record as it came. */
async function keepRefused(
  session: Session,
  load: Load,
  plan: LoadPlan,
  refused: readonly RefusedRow[],
): Promise<void> {
  const reasons = new Map(refused.map(({ execution, row, reason }) => [`${row} ${execution}`, reason]));
  async function* lines(): AsyncGenerator<string> {
    for await (const batch of abortable(load.rows, load.signal)) {
      for (const row of batch) {
        const reason = reasons.get(`${row.row} ${row.execution}`);
        if (reason === undefined) continue;
        yield rejectLine(load, plan.name.qualified, rejectedRow(load.columns, row, reason));
      }
    }
  }
  if (refused.length > 0) await sendRejects(session, REJECTS, lines);
}

async function copyAll(
  session: Session,
  load: Load,
  plan: LoadPlan,
  { inBlocks = false, ...into }: { rows: string; knowsRun?: boolean; inBlocks?: boolean },
): Promise<CopiedRows> {
  const copied = await (inBlocks ? copyRowsInBlocks : copyRows)(session, load, plan.columns, {
    ...into,
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
