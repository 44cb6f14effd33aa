import { escapeIdentifier } from 'pg';
import { z } from 'zod';
import type { Column } from '../../domain/rows.js';
import type { AppliedRows } from '../load-receipt.js';
import type { Session } from './connection.js';
import { targetColumns } from './apply-rows.js';
import type { CopiedRows } from './copy-rows.js';
import type { TableName } from './table-name.js';

export interface MergeTarget {
  readonly name: TableName;
  /** The load's columns. */
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Columns that titanflow wrote before and this load lacks. */
  readonly lapsed: readonly string[];
  /** Nobody else sees the table yet. */
  readonly isNew: boolean;
}

/**
 * Leaves the newest row for each key. A row is taken whole: columns that have lapsed become NULL, or the outcome would
 * depend on the order in which executions end. An equal row that is newer counts as unchanged, but hands on its
 * provenance: it must win over a row between the two that comes late.
 *
 * Rows that are there are updated by one join, which costs half of what a conflict for each of them does. What that
 * leaves is inserted, and whatever others do to the table meanwhile is met as a conflict.
 */
export async function mergeRows(session: Session, target: MergeTarget, copied: CopiedRows): Promise<AppliedRows> {
  const { valid, areSurelyDistinct } = copied;
  await session.query(`SET LOCAL work_mem = '${workMegabytes(valid)}MB'`);
  const newest = areSurelyDistinct ? valid : await keepNewest(session, target, valid);
  const duplicates = valid - newest;
  if (target.isNew) {
    await session.query(insertStatement(target, false));
    return { inserted: newest, updated: 0, unchanged: 0, duplicates };
  }
  const { written, changed } = writtenCounts.parse(await one(session, await updateStatement(session, target)));
  const { inserted } =
    written === newest ? { inserted: 0 } : insertedCount.parse(await one(session, countStatement(target)));
  if (written < newest) await session.query(insertStatement(target, true));
  return { inserted, updated: changed, unchanged: newest - inserted - changed, duplicates };
}

/**
 * For the join, whose table of keys should fit: else it goes through the table in no order, several times. By default a
 * server allows 4 MB, which some 10,000 rows fill.
 */
function workMegabytes(rows: number): number {
  return Math.min(Math.max(Math.ceil(rows / 12_000), 16), 256);
}

/** @returns how many keys the load has; of its rows only the newest with each key are left */
async function keepNewest(session: Session, { columns, key }: MergeTarget, valid: number): Promise<number> {
  const keys = key.map((name) => loaded(columns, name)).join(', ');
  await session.query(`ANALYZE pg_temp.titan_load (${keys})`);
  const { count } = keyCount.parse(
    await one(session, `SELECT count(*) FROM (SELECT FROM pg_temp.titan_load GROUP BY ${keys}) AS keys`),
  );
  if (count < valid) {
    await session.query(`
      DELETE FROM pg_temp.titan_load WHERE ctid IN (
        SELECT ctid FROM (
          SELECT ctid, row_number() OVER (PARTITION BY ${keys} ORDER BY ${LOAD_ORDER_DESCENDING}) AS place
          FROM pg_temp.titan_load
        ) AS placed
        WHERE place > 1
      )`);
  }
  return count;
}

/** From version 18 on, what a row was before can be told by the statement that changes it; else a second join tells. */
async function updateStatement(session: Session, target: MergeTarget): Promise<string> {
  const { version } = serverVersion.parse(
    await one(session, `SELECT current_setting('server_version_num') AS version`),
  );
  const { name, columns, key, lapsed } = target;
  const contents = columns.map((column) => column.name).filter((column) => !key.includes(column));
  const settings = [
    ...contents.map((column) => `${escapeIdentifier(column)} = load.${loaded(columns, column)}`),
    ...lapsed.map((column) => `${escapeIdentifier(column)} = NULL`),
    '_titan_execution = load.execution, _titan_row = load.row, _titan_at = load.at',
  ];
  const isChanged = (before: string, after: (column: string) => string): string =>
    contents.length + lapsed.length === 0
      ? 'FALSE'
      : `(${[...contents, ...lapsed].map((column) => `${before}.${escapeIdentifier(column)}`).join(', ')})
          IS DISTINCT FROM (${[...contents.map(after), ...lapsed.map(() => 'NULL')].join(', ')})`;
  const update =
    version >= TELLS_WHAT_WAS
      ? `UPDATE ${name.sql} AS have SET ${settings.join(', ')}
        FROM pg_temp.titan_load AS load
        WHERE ${sameKey(columns, key)} AND ${IS_NEWER}
        RETURNING ${isChanged('old', (column) => `new.${escapeIdentifier(column)}`)} AS is_changed`
      : `UPDATE ${name.sql} AS target SET ${settings.join(', ')}
        FROM (
          SELECT load.*, have.tableoid AS have_table, have.ctid AS have_place,
            ${isChanged('have', (column) => `load.${loaded(columns, column)}`)} AS is_changed
          FROM pg_temp.titan_load AS load JOIN ${name.sql} AS have ON ${sameKey(columns, key)}
          WHERE ${IS_NEWER}
        ) AS load
        WHERE target.ctid = load.have_place AND target.tableoid = load.have_table
        RETURNING load.is_changed`;
  return `WITH written AS (${update})
    SELECT count(*) AS written, count(*) FILTER (WHERE is_changed) AS changed FROM written`;
}

const TELLS_WHAT_WAS = 180_000;

function countStatement({ name, columns, key }: MergeTarget): string {
  return `
    SELECT count(*) AS inserted
    FROM pg_temp.titan_load AS load
    WHERE NOT EXISTS (SELECT FROM ${name.sql} AS have WHERE ${sameKey(columns, key)})`;
}

/** @param mayConflict the table has rows, and others may add some */
function insertStatement({ name, columns, key, lapsed }: MergeTarget, mayConflict: boolean): string {
  const target = [...targetColumns(columns), ...lapsed.map((column) => escapeIdentifier(column))];
  const source = [...columns.map((_, position) => `load.c${position}`), 'load.execution', 'load.row', 'load.at'];
  const keys = key.map((column) => escapeIdentifier(column));
  const insert = `
    INSERT INTO ${name.sql} AS have (${target.join(', ')})
    SELECT ${[...source, ...lapsed.map(() => 'NULL')].join(', ')} FROM pg_temp.titan_load AS load`;
  if (!mayConflict) return insert;
  const settings = target.filter((column) => !keys.includes(column)).map((column) => `${column} = excluded.${column}`);
  return `${insert}
    WHERE NOT EXISTS (
      SELECT FROM ${name.sql} AS have WHERE ${sameKey(columns, key)} AND (${IS_NEWER}) IS NOT TRUE
    )
    ON CONFLICT (${keys.join(', ')}) DO UPDATE
    SET ${settings.join(', ')}
    WHERE (${HAVE_ORDER} >= ${EXCLUDED_ORDER}) IS NOT TRUE`;
}

/** The column of `titan_load` that has this column of the load's. */
function loaded(columns: readonly Column[], name: string): string {
  return `c${columns.findIndex((column) => column.name === name)}`;
}

function sameKey(columns: readonly Column[], key: readonly string[]): string {
  return key.map((name) => `have.${escapeIdentifier(name)} = load.${loaded(columns, name)}`).join(' AND ');
}

const HAVE_ORDER = '(have._titan_at, have._titan_execution COLLATE "C", have._titan_row)';
const EXCLUDED_ORDER = '(excluded._titan_at, excluded._titan_execution COLLATE "C", excluded._titan_row)';
const LOAD_ORDER_DESCENDING = 'at DESC, execution COLLATE "C" DESC, row DESC';
const IS_NEWER = `(${HAVE_ORDER} >= (load.at, load.execution COLLATE "C", load.row)) IS NOT TRUE`;

async function one(session: Session, statement: string): Promise<unknown> {
  const [row] = await session.query(statement);
  return row;
}

/** The driver gives a bigint as text. */
const count = z.coerce.number();
const serverVersion = z.object({ version: count });
const keyCount = z.object({ count });
const writtenCounts = z.object({ written: count, changed: count });
const insertedCount = z.object({ inserted: count });
