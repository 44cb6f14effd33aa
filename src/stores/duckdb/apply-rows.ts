import { z } from 'zod';
import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import type { AppliedRows } from '../load-receipt.js';
import { StoreError } from '../store.js';
import { duplicateKeys } from './check-table.js';
import type { DatabaseSession } from './database.js';
import type { ExistingTable } from './read-table.js';
import { quoteName } from './sql-text.js';
import { STAGED } from './stage-rows.js';
import { tableSql, type TableName } from './table-name.js';

export async function appendRows(
  session: DatabaseSession,
  name: TableName,
  columns: readonly Column[],
  valid: number,
): Promise<AppliedRows> {
  await session.query(`
    INSERT INTO ${tableSql(session, name)} (${targetColumns(columns).join(', ')})
    SELECT ${stagedColumns(columns).join(', ')} FROM ${STAGED} WHERE reason IS NULL`);
  return { inserted: valid, updated: 0, unchanged: 0, duplicates: 0 };
}

export async function replaceRows(
  session: DatabaseSession,
  name: TableName,
  columns: readonly Column[],
  valid: number,
): Promise<AppliedRows> {
  await session.query(`DELETE FROM ${tableSql(session, name)}`);
  return appendRows(session, name, columns, valid);
}

export interface Merge {
  /** As the publication writes it: for messages. */
  readonly table: string;
  readonly name: TableName;
  /** The load's, with the types that the table has for them. */
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Columns that titanflow wrote before and this load lacks. */
  readonly lapsed: readonly string[];
  /** The table before the load. */
  readonly existing: ExistingTable | undefined;
  readonly valid: number;
}

/**
 * Leaves the newest row for each key. A row is taken whole: lapsed columns become NULL, or the outcome would depend on
 * the order in which executions end; columns that are not titanflow's stay. An equal row that is newer counts as
 * unchanged, but hands on its provenance: it must win over a row between the two that comes late.
 *
 * Rows are deleted and inserted: what DuckDB updates in place it holds in memory until the commit.
 */
export async function mergeRows(session: DatabaseSession, merge: Merge): Promise<AppliedRows> {
  const { table, name, columns, key, lapsed, valid } = merge;
  await session.query(`
    CREATE TEMP TABLE titan_newest AS
    SELECT rowid AS id FROM ${STAGED} WHERE reason IS NULL
    QUALIFY row_number() OVER (PARTITION BY ${key.map((column) => staged(columns, column)).join(', ')}
      ORDER BY "at" DESC, execution DESC, "row" DESC) = 1`);
  await session.query(judgeRows(session, merge));
  const [row] = await session.query(COUNT_VERDICTS);
  const { judged, newest, inserted, updated } = mergeCounts.parse(row);
  if (judged > newest) {
    throw duplicateKeys(table, key);
  }
  const foreign = await foreignColumns(session, merge);
  const kept = foreign.map((column, position) => `have.${quoteName(column)} AS k${position}`);
  await session.query(`
    CREATE TEMP TABLE titan_kept AS
    SELECT ${['v.id', ...kept].join(', ')}
    FROM temp.main.titan_verdicts AS v JOIN ${tableSql(session, name)} AS have ON have.rowid = v.have
    WHERE v.verdict IN ('same', 'updated')`);
  const target = [...targetColumns(columns), ...lapsed.map(quoteName)].join(', ');
  const source = [...stagedColumns(columns), ...lapsed.map(() => 'NULL')].join(', ');
  await session.query(`
    DELETE FROM ${tableSql(session, name)}
    WHERE rowid IN (SELECT have FROM temp.main.titan_verdicts WHERE verdict IN ('same', 'updated'));
    INSERT INTO ${tableSql(session, name)} (${target})
    SELECT ${source} FROM ${STAGED}
    WHERE rowid IN (SELECT id FROM temp.main.titan_verdicts WHERE verdict = 'inserted');
    INSERT INTO ${tableSql(session, name)} (${[target, ...foreign.map(quoteName)].join(', ')})
    SELECT ${[source, ...foreign.map((_, position) => `k${position}`)].join(', ')}
    FROM ${STAGED} AS load JOIN temp.main.titan_kept AS kept ON kept.id = load.rowid`);
  return { inserted, updated, unchanged: newest - inserted - updated, duplicates: valid - newest };
}

function judgeRows(session: DatabaseSession, { name, columns, key, lapsed }: Merge): string {
  const contents = columns.map((column) => column.name).filter((column) => !key.includes(column));
  const same = [
    ...contents.map((column) => `have.${quoteName(column)} IS NOT DISTINCT FROM load.${staged(columns, column)}`),
    ...lapsed.map((column) => `have.${quoteName(column)} IS NULL`),
  ];
  return `
    CREATE TEMP TABLE titan_verdicts AS
    SELECT load.rowid AS id, have.rowid AS have, CASE
      WHEN have.rowid IS NULL THEN 'inserted'
      WHEN (have._titan_at, have._titan_execution, have._titan_row) >= (load."at", load.execution, load."row") THEN 'older'
      WHEN ${same.length === 0 ? 'TRUE' : same.join(' AND ')} THEN 'same'
      ELSE 'updated'
    END AS verdict
    FROM ${STAGED} AS load
    JOIN temp.main.titan_newest AS newest ON newest.id = load.rowid
    LEFT JOIN ${tableSql(session, name)} AS have
      ON ${key.map((column) => `have.${quoteName(column)} = load.${staged(columns, column)}`).join(' AND ')}`;
}

const COUNT_VERDICTS = `
  SELECT
    count(*) AS judged,
    count(DISTINCT id) AS newest,
    count(*) FILTER (WHERE verdict = 'inserted') AS inserted,
    count(*) FILTER (WHERE verdict = 'updated') AS updated
  FROM temp.main.titan_verdicts`;

/** The driver gives a bigint as text. */
const mergeCounts = z.object({
  judged: z.coerce.number(),
  newest: z.coerce.number(),
  inserted: z.coerce.number(),
  updated: z.coerce.number(),
});

/** Columns that titanflow never wrote, without those that are computed: only an insert tells which ones are. */
async function foreignColumns(
  session: DatabaseSession,
  { name, columns, lapsed, existing }: Merge,
): Promise<readonly string[]> {
  const ours = new Set([...columns, ...PROVENANCE_COLUMNS].map((column) => column.name).concat(lapsed));
  const foreign: string[] = [];
  for (const column of existing?.columns ?? []) {
    if (!ours.has(column.name) && !(column.filled && (await isComputed(session, name, column.name)))) {
      foreign.push(column.name);
    }
  }
  return foreign;
}

async function isComputed(session: DatabaseSession, name: TableName, column: string): Promise<boolean> {
  try {
    await session.query(`EXPLAIN INSERT INTO ${tableSql(session, name)} (${quoteName(column)}) SELECT NULL`);
    return false;
  } catch (error) {
    if (error instanceof StoreError && error.message.includes('generated column')) {
      return true;
    }
    throw error;
  }
}

/** The column's name in `titan_load`. */
function staged(columns: readonly Column[], column: string): string {
  return `c${columns.findIndex(({ name }) => name === column)}`;
}

function targetColumns(columns: readonly Column[]): readonly string[] {
  return [...columns.map(({ name }) => quoteName(name)), '_titan_execution', '_titan_row', '_titan_at'];
}

function stagedColumns(columns: readonly Column[]): readonly string[] {
  return [...columns.map((_, position) => `c${position}`), 'execution', '"row"', '"at"'];
}
