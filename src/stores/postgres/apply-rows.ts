import { escapeIdentifier } from 'pg';
import { z } from 'zod';
import type { Column } from '../../domain/rows.js';
import type { Session } from './connection.js';
import type { CopiedRows } from './copy-rows.js';
import type { TableName } from './table-name.js';

/** What became of the valid rows: `valid` is the sum. */
export interface AppliedRows {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly duplicates: number;
}

export async function appendRows(
  session: Session,
  name: TableName,
  columns: readonly Column[],
  { valid }: CopiedRows,
): Promise<AppliedRows> {
  await session.query(`
    INSERT INTO ${name.sql} (${targetColumns(columns).join(', ')})
    SELECT ${stagedColumns(columns).join(', ')} FROM pg_temp.titan_load`);
  return { inserted: valid, updated: 0, unchanged: 0, duplicates: 0 };
}

/** Never TRUNCATE: a reader whose transaction is older would find the table empty. */
export async function replaceRows(
  session: Session,
  name: TableName,
  columns: readonly Column[],
  copied: CopiedRows,
): Promise<AppliedRows> {
  await session.query(`DELETE FROM ${name.sql}`);
  return appendRows(session, name, columns, copied);
}

/**
 * Leaves the newest row for each key. A row is taken whole: columns that titanflow wrote before and this load lacks
 * (`lapsed`) become NULL, or the outcome would depend on the order in which executions end. An equal row that is newer
 * counts as unchanged, but hands on its provenance: it must win over a row between the two that comes late.
 */
export async function mergeRows(
  session: Session,
  name: TableName,
  columns: readonly Column[],
  key: readonly string[],
  lapsed: readonly string[],
  { valid }: CopiedRows,
): Promise<AppliedRows> {
  const [row] = await session.query(mergeStatement(name, columns, key, lapsed));
  const { newest, inserted, updated } = mergeCounts.parse(row);
  return { inserted, updated, unchanged: newest - inserted - updated, duplicates: valid - newest };
}

function mergeStatement(
  name: TableName,
  columns: readonly Column[],
  key: readonly string[],
  lapsed: readonly string[],
): string {
  const staged = (column: string): string => `c${columns.findIndex(({ name }) => name === column)}`;
  const contents = columns.map((column) => column.name).filter((column) => !key.includes(column));
  const have = [...contents, ...lapsed].map((column) => `have.${escapeIdentifier(column)}`);
  const load = [...contents.map((column) => `newest.${staged(column)}`), ...lapsed.map(() => 'NULL')];
  const target = [...targetColumns(columns), ...lapsed.map((column) => escapeIdentifier(column))];
  const source = [...stagedColumns(columns), ...lapsed.map(() => 'NULL')];
  const keys = key.map((column) => escapeIdentifier(column));
  return `
    WITH newest AS (
      SELECT DISTINCT ON (${key.map(staged).join(', ')}) *
      FROM pg_temp.titan_load
      ORDER BY ${key.map(staged).join(', ')}, at DESC, execution COLLATE "C" DESC, row DESC
    ), judged AS MATERIALIZED (
      SELECT newest.*, CASE
        WHEN have.ctid IS NULL THEN 'inserted'
        WHEN ${HAVE_ORDER} >= (newest.at, newest.execution COLLATE "C", newest.row) THEN 'older'
        WHEN ${have.length === 0 ? 'TRUE' : `(${have.join(', ')}) IS NOT DISTINCT FROM (${load.join(', ')})`} THEN 'same'
        ELSE 'updated'
      END AS verdict
      FROM newest
      LEFT JOIN ${name.sql} AS have ON ${key.map((column) => `have.${escapeIdentifier(column)} = newest.${staged(column)}`).join(' AND ')}
    ), written AS (
      INSERT INTO ${name.sql} AS have (${target.join(', ')})
      SELECT ${source.join(', ')} FROM judged WHERE verdict <> 'older'
      ON CONFLICT (${keys.join(', ')}) DO UPDATE
      SET ${target
        .filter((column) => !keys.includes(column))
        .map((column) => `${column} = excluded.${column}`)
        .join(', ')}
      WHERE (${HAVE_ORDER} >= ${EXCLUDED_ORDER}) IS NOT TRUE
    )
    SELECT
      count(*) AS newest,
      count(*) FILTER (WHERE verdict = 'inserted') AS inserted,
      count(*) FILTER (WHERE verdict = 'updated') AS updated
    FROM judged`;
}

const HAVE_ORDER = '(have._titan_at, have._titan_execution COLLATE "C", have._titan_row)';
const EXCLUDED_ORDER = '(excluded._titan_at, excluded._titan_execution COLLATE "C", excluded._titan_row)';

/** As they are to be listed for a COPY or an INSERT. */
export function targetColumns(columns: readonly Column[]): readonly string[] {
  return [...columns.map(({ name }) => escapeIdentifier(name)), '_titan_execution', '_titan_row', '_titan_at'];
}

function stagedColumns(columns: readonly Column[]): readonly string[] {
  return [...columns.map((_, position) => `c${position}`), 'execution', 'row', 'at'];
}

/** The driver gives a bigint as text. */
const mergeCounts = z.object({
  newest: z.coerce.number(),
  inserted: z.coerce.number(),
  updated: z.coerce.number(),
});
