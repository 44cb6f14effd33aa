import { randomUUID } from 'node:crypto';
import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import type { DatabaseSession } from './database.js';
import { tableMark, type ExistingTable } from './read-table.js';
import { refused, widenedColumns } from '../publication-rules.js';
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
  const schema = `${session.catalog}.${quoteName(name.schema)}`;
  await requireExact(session, table, columns, existing);
  for (const statement of shapingSql({ table, schema, columns }, existing)) await session.query(statement);
  if (existing?.id === undefined) {
    await session.query(`COMMENT ON COLUMN ${table}._titan_execution IS ${quoteText(tableMark(id))}`);
  }
  return id;
}

export interface TableShape {
  /** Both for SQL. */
  readonly table: string;
  readonly schema: string;
  readonly columns: readonly Column[];
}

/** What makes the table ready for a load: it is created, or gets the columns that it lacks. */
export function shapingSql(
  { table, schema, columns }: TableShape,
  existing: ExistingTable | undefined,
): readonly string[] {
  if (existing === undefined) {
    const definitions = [...columns.map(definition), ...PROVENANCE_COLUMNS.map((c) => `${definition(c)} NOT NULL`)];
    return [`CREATE SCHEMA IF NOT EXISTS ${schema}`, `CREATE TABLE ${table} (${definitions.join(', ')})`];
  }
  return [
    ...missing(columns, existing).map((column) => `ALTER TABLE ${table} ADD COLUMN ${definition(column)}`),
    ...widenedColumns(existing.columns, columns).map(
      ({ name, type }) => `ALTER TABLE ${table} ALTER COLUMN ${quoteName(name)} TYPE ${DUCKDB_TYPES[type]}`,
    ),
    ...missing(PROVENANCE_COLUMNS, existing).flatMap((column) => addProvenance(table, column)),
  ];
}

/** A guess that whole numbers are all gives way to fractions, unless an id would be rounded. @throws StoreError */
async function requireExact(
  session: DatabaseSession,
  table: string,
  columns: readonly Column[],
  existing: ExistingTable | undefined,
): Promise<void> {
  for (const { name, from, type } of widenedColumns(existing?.columns ?? [], columns)) {
    if (from !== 'bigint' || type !== 'numeric') continue;
    const column = quoteName(name);
    const rounded = await session.query(`SELECT 1 FROM ${table} WHERE ${column}::DOUBLE::HUGEINT <> ${column} LIMIT 1`);
    if (rounded.length > 0) {
      const why = `its column ${JSON.stringify(name)} has whole numbers that a DOUBLE would round, but the rows have fractions`;
      throw refused(table, `${why}; give the task an output_schema, or publish to another table`);
    }
  }
}

/** The default is only for rows that are there: from now on a row without provenance is a mistake. */
function addProvenance(table: string, column: Column): readonly string[] {
  const name = quoteName(column.name);
  return [
    `ALTER TABLE ${table} ADD COLUMN ${definition(column)} DEFAULT ${OLDEST[column.type]}`,
    `ALTER TABLE ${table} ALTER COLUMN ${name} SET NOT NULL`,
    `ALTER TABLE ${table} ALTER COLUMN ${name} DROP DEFAULT`,
  ];
}

function missing(columns: readonly Column[], existing: ExistingTable): readonly Column[] {
  return columns.filter(({ name }) => !existing.columns.some((have) => have.name === name));
}

const OLDEST: Readonly<Record<string, string>> = { text: `''`, bigint: '0', timestamptz: `'-infinity'` };

function definition({ name, type }: Column): string {
  return `${quoteName(name)} ${DUCKDB_TYPES[type]}`;
}
