import type { Column } from '../../domain/rows.js';
import type { PublishReceipt } from '../../domain/run.js';
import { publishedReceipt, requireAccepted } from '../load-receipt.js';
import { mergeKey, refused, widenings } from '../publication-rules.js';
import type { Load } from '../store.js';
import type { AppliedRows } from '../load-receipt.js';
import { appendRows, mergeRows, replaceRows } from './apply-rows.js';
import { bookkeepingOf, ensureBookkeeping } from './bookkeeping.js';
import { hasKeyTwice } from './check-table.js';
import type { DatabaseSession } from './database.js';
import type { TableState } from './read-table.js';
import { writeReceipt } from './receipts.js';
import { recordTable } from './record-table.js';
import { shapeTable } from './shape-table.js';
import { STAGED, type StagedRows } from './stage-rows.js';
import type { TableName } from './table-name.js';

export interface StagedLoad extends TableState {
  /** The load's, with the types that the table has for them. */
  readonly columns: readonly Column[];
  readonly staged: Pick<StagedRows, 'valid' | 'rejected' | 'why'>;
}

/** Publishes what is staged, with its rejects and its receipt. Needs a transaction. */
export async function applyLoad(
  session: DatabaseSession,
  load: Load,
  name: TableName,
  staged: StagedLoad,
): Promise<PublishReceipt> {
  await ensureBookkeeping(session);
  await keepRejects(session, load, name);
  const { id, applied } = await applyRows(session, load, name, staged);
  requireAccepted(load, staged.staged);
  const widened = widenings(staged.existing?.columns ?? [], staged.columns);
  const receipt = publishedReceipt(load, { ...applied, rejected: staged.staged.rejected, widened });
  await writeReceipt(session, load, name, id, receipt);
  return receipt;
}

/**
 * Shapes the table, brings the staged rows into it, and notes what was done to it. Needs a transaction.
 *
 * @returns the table's id, and what became of the rows
 */
export async function applyRows(
  session: DatabaseSession,
  load: Load,
  name: TableName,
  { existing, record, columns, staged: { valid } }: StagedLoad,
): Promise<{ readonly id: string; readonly applied: AppliedRows }> {
  const { table, mode } = load.publication;
  const id = await shapeTable(session, name, columns, existing);
  await recordTable(session, load, name, id, { columns, record });
  const key = mergeKey(load.publication);
  if (key !== undefined) {
    const lapsed = (record?.columns ?? []).filter((written) => !columns.some((column) => column.name === written));
    return { id, applied: await mergeRows(session, { table, name, columns, key, lapsed, existing, valid }) };
  }
  const applied = await (mode === 'replace' ? replaceRows : appendRows)(session, name, columns, valid);
  if (record?.key !== undefined && (await hasKeyTwice(session, name, record.key))) {
    throw refused(table, `it has one row per ${record.key.join(', ')}, and this ${mode} brings a second one`);
  }
  return { id, applied };
}

/** Their `at` is the run's. Those of an earlier publication, to a table that was dropped since, give way. */
async function keepRejects(session: DatabaseSession, load: Load, { qualified }: TableName): Promise<void> {
  const rejects = `${bookkeepingOf(session)}.rejects`;
  await session.query(`DELETE FROM ${rejects} WHERE run = $1 AND "table" = $2`, [load.run, qualified]);
  await session.query(
    `INSERT INTO ${rejects} (run, "table", execution, row, reason, raw, "at")
     SELECT $1, $2, execution, "row", reason, raw, $3 FROM ${STAGED} WHERE reason IS NOT NULL`,
    [load.run, qualified, load.at],
  );
}
