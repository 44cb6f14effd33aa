import { randomUUID } from 'node:crypto';
import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import type { DatabaseSession } from './database.js';
import { tableMark, type ExistingTable } from './read-table.js';
import { DUCKDB_TYPES, quoteName, quoteText } from './sql-text.js';
import { tableSql, type TableName } from './table-name.js';

/**
 * Makes the table ready for a load: creates it, or adds the columns that it lacks, and marks it as the one that is meant.
 *
 * Rows that were there before titanflow get a provenance older than any: `_titan_at` is `-infinity`.
 *
 * @returns the table's id
 * @throws StoreError
 */
export async function shapeTable(
  session: DatabaseSession,
  name: TableName,
  columns: readonly Column[],
  existing: ExistingTable | undefined,
): Promise<string> {
  const table = tableSql(session, name);
  const id = existing?.id ?? randomUUID();
  if (existing === undefined) {
    const definitions = [...columns.map(definition), ...PROVENANCE_COLUMNS.map((c) => `${definition(c)} NOT NULL`)];
    await session.query(`CREATE SCHEMA IF NOT EXISTS ${session.catalog}.${quoteName(name.schema)}`);
    await session.query(`CREATE TABLE ${table} (${definitions.join(', ')})`);
  } else {
    for (const column of missing(columns, existing)) {
      await session.query(`ALTER TABLE ${table} ADD COLUMN ${definition(column)}`);
    }
    for (const column of missing(PROVENANCE_COLUMNS, existing)) {
      await addProvenance(session, table, column);
    }
  }
  if (existing?.id === undefined) {
    await session.query(`COMMENT ON COLUMN ${table}._titan_execution IS ${quoteText(tableMark(id))}`);
  }
  return id;
}

/** The default is only for rows that are there: from now on a row without provenance is a mistake. */
async function addProvenance(session: DatabaseSession, table: string, column: Column): Promise<void> {
  const name = quoteName(column.name);
  await session.query(`ALTER TABLE ${table} ADD COLUMN ${definition(column)} DEFAULT ${OLDEST[column.type]}`);
  await session.query(`ALTER TABLE ${table} ALTER COLUMN ${name} SET NOT NULL`);
  await session.query(`ALTER TABLE ${table} ALTER COLUMN ${name} DROP DEFAULT`);
}

function missing(columns: readonly Column[], existing: ExistingTable): readonly Column[] {
  return columns.filter(({ name }) => !existing.columns.some((have) => have.name === name));
}

const OLDEST: Readonly<Record<string, string>> = { text: `''`, bigint: '0', timestamptz: `'-infinity'` };

function definition({ name, type }: Column): string {
  return `${quoteName(name)} ${DUCKDB_TYPES[type]}`;
}
