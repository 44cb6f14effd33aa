import { escapeIdentifier } from 'pg';
import type { Column } from '../../domain/rows.js';
import type { AppliedRows } from '../load-receipt.js';
import type { CopiedRows } from './copy-rows.js';
import type { Session } from './connection.js';
import { STAGING_TABLE, type StagedProvenance } from './staging-table.js';
import type { TableName } from './table-name.js';

export async function appendRows(
  session: Session,
  name: TableName,
  columns: readonly Column[],
  provenance: StagedProvenance,
  { valid }: CopiedRows,
): Promise<AppliedRows> {
  await session.query(`
    INSERT INTO ${name.sql} (${targetColumns(columns).join(', ')})
    SELECT ${sourceColumns(columns, provenance).join(', ')} FROM ${STAGING_TABLE} AS load`);
  return { inserted: valid, updated: 0, unchanged: 0, duplicates: 0 };
}

/** Never TRUNCATE: a reader whose transaction is older would find the table empty. */
export async function replaceRows(
  session: Session,
  name: TableName,
  columns: readonly Column[],
  provenance: StagedProvenance,
  copied: CopiedRows,
): Promise<AppliedRows> {
  await session.query(`DELETE FROM ${name.sql}`);
  return appendRows(session, name, columns, provenance, copied);
}

/** As they are to be listed for a COPY or an INSERT. */
export function targetColumns(columns: readonly Column[]): readonly string[] {
  return [...columns.map(({ name }) => escapeIdentifier(name)), '_titan_execution', '_titan_row', '_titan_at'];
}

/** What the laid-down rows have for these, in the same order. */
export function sourceColumns(columns: readonly Column[], { execution, row, at }: StagedProvenance): readonly string[] {
  return [...columns.map((_, position) => `load.c${position}`), execution, row, at];
}
