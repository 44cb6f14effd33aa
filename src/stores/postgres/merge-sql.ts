import { escapeIdentifier } from 'pg';
import type { Column } from '../../domain/rows.js';
import { sourceColumns, targetColumns } from './apply-rows.js';
import type { Session } from './connection.js';
import { STAGING_TABLE, type StagedProvenance } from './staging-table.js';
import type { TableName } from './table-name.js';

export interface MergeTarget {
  readonly name: TableName;
  /** The load's columns. */
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Columns that titanflow wrote before and this load lacks. */
  readonly lapsed: readonly string[];
  readonly provenance: StagedProvenance;
  /** Nobody else sees the table yet. */
  readonly isNew: boolean;
}

/**
 * Updates the rows that are there and older, and counts those that it `written`, and of these the `changed` ones. From version
 * 18 on, what a row was before can be told by the statement that changes it; else a second join tells. That statement is a
 * MERGE, because it joins by keys alone: to join by what an UPDATE's condition needs takes an eighth longer.
 *
 * @param version of the server, as `server_version_num` has it
 */
export function updateStatement(target: MergeTarget, version: number): string {
  const { name, columns, key, lapsed, provenance } = target;
  const contents = columns.map((column) => column.name).filter((column) => !key.includes(column));
  const settings = [
    ...contents.map((column) => `${escapeIdentifier(column)} = load.${loaded(columns, column)}`),
    ...lapsed.map((column) => `${escapeIdentifier(column)} = NULL`),
    `_titan_execution = ${provenance.execution}, _titan_row = ${provenance.row}, _titan_at = ${provenance.at}`,
  ];
  const isChanged = (before: string, after: (column: string) => string): string =>
    contents.length + lapsed.length === 0
      ? 'FALSE'
      : `(${[...contents, ...lapsed].map((column) => `${before}.${escapeIdentifier(column)}`).join(', ')})
          IS DISTINCT FROM (${[...contents.map(after), ...lapsed.map(() => 'NULL')].join(', ')})`;
  const update =
    version >= TELLS_WHAT_WAS
      ? `MERGE INTO ${name.sql} AS have USING ${STAGING_TABLE} AS load ON ${sameKey(columns, key)}
        WHEN MATCHED AND ${isNewer(target)} THEN UPDATE SET ${settings.join(', ')}
        RETURNING ${isChanged('old', (column) => `new.${escapeIdentifier(column)}`)} AS is_changed`
      : `UPDATE ${name.sql} AS target SET ${settings.join(', ')}
        FROM (
          SELECT load.*, have.tableoid AS have_table, have.ctid AS have_place,
            ${isChanged('have', (column) => `load.${loaded(columns, column)}`)} AS is_changed
          FROM ${STAGING_TABLE} AS load JOIN ${name.sql} AS have ON ${sameKey(columns, key)}
          WHERE ${isNewer(target)}
        ) AS load
        WHERE target.ctid = load.have_place AND target.tableoid = load.have_table
        RETURNING load.is_changed`;
  return `WITH written AS (${update})
    SELECT count(*) AS written, count(*) FILTER (WHERE is_changed) AS changed FROM written`;
}

const TELLS_WHAT_WAS = 180_000;

/** As `server_version_num` has it. */
export async function serverVersionOf(session: Session): Promise<number> {
  const [row] = await session.query(`SELECT current_setting('server_version_num') AS version`);
  return Number(row?.['version']);
}

/** Counts the `inserted` ones: rows whose keys are not there. */
export function countStatement({ name, columns, key }: MergeTarget): string {
  return `
    SELECT count(*) AS inserted
    FROM ${STAGING_TABLE} AS load
    WHERE NOT EXISTS (SELECT FROM ${name.sql} AS have WHERE ${sameKey(columns, key)})`;
}

/** @param mayConflict the table has rows, and others may add some */
export function insertStatement(into: MergeTarget, mayConflict: boolean): string {
  const { name, columns, key, lapsed, provenance } = into;
  const target = [...targetColumns(columns), ...lapsed.map((column) => escapeIdentifier(column))];
  const keys = key.map((column) => escapeIdentifier(column));
  const insert = `
    INSERT INTO ${name.sql} AS have (${target.join(', ')})
    SELECT ${[...sourceColumns(columns, provenance), ...lapsed.map(() => 'NULL')].join(', ')} FROM ${STAGING_TABLE} AS load`;
  if (!mayConflict) return insert;
  const settings = target.filter((column) => !keys.includes(column)).map((column) => `${column} = excluded.${column}`);
  return `${insert}
    WHERE NOT EXISTS (
      SELECT FROM ${name.sql} AS have WHERE ${sameKey(columns, key)} AND (${isNewer(into)}) IS NOT TRUE
    )
    ON CONFLICT (${keys.join(', ')}) DO UPDATE
    SET ${settings.join(', ')}
    WHERE (${HAVE_ORDER} >= ${EXCLUDED_ORDER}) IS NOT TRUE`;
}

/** The columns of the staging table that have the key. */
export function loadedKey({ columns, key }: MergeTarget): readonly string[] {
  return key.map((name) => loaded(columns, name));
}

/** The column of the staging table that has this column of the load's. */
function loaded(columns: readonly Column[], name: string): string {
  return `c${columns.findIndex((column) => column.name === name)}`;
}

function sameKey(columns: readonly Column[], key: readonly string[]): string {
  return key.map((name) => `have.${escapeIdentifier(name)} = load.${loaded(columns, name)}`).join(' AND ');
}

const HAVE_ORDER = '(have._titan_at, have._titan_execution COLLATE "C", have._titan_row)';
const EXCLUDED_ORDER = '(excluded._titan_at, excluded._titan_execution COLLATE "C", excluded._titan_row)';

/** What rows of the load are ordered by, the newest last. */
export function loadOrder({ provenance: { execution, row, at } }: MergeTarget): readonly string[] {
  return [at, `${execution} COLLATE "C"`, row];
}

function isNewer(target: MergeTarget): string {
  return `(${HAVE_ORDER} >= (${loadOrder(target).join(', ')})) IS NOT TRUE`;
}
