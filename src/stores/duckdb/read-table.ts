import { z } from 'zod';
import type { ColumnType } from '../../domain/rows.js';
import { foldName } from '../distinct-names.js';
import { refused, type TableRecord } from '../publication-rules.js';
import { bookkeepingOf, hasBookkeeping } from './bookkeeping.js';
import type { DatabaseSession } from './database.js';
import { DUCKDB_TYPES } from './sql-text.js';
import type { TableName } from './table-name.js';

/** A table as it stands in DuckDB. */
export interface ExistingTable {
  /** What titanflow wrote beside its column `_titan_execution`: see {@link tableMark}. Undefined = not written to yet. */
  readonly id: string | undefined;
  /** False for a view. */
  readonly isTable: boolean;
  readonly columns: readonly ExistingColumn[];
}

interface ExistingColumn {
  readonly name: string;
  /** As DuckDB calls it, e.g. `DECIMAL(18,3)`. */
  readonly type: string;
  /** Which of our types it holds without loss; undefined = none. */
  readonly holds: ColumnType | undefined;
  /** An insert that leaves it out fails. */
  readonly required: boolean;
  /** It has a default, or is computed: DuckDB does not tell which. */
  readonly filled: boolean;
}

/** What `titanflow.tables` knows of a table. */
interface RecordedTable extends TableRecord {
  /** Columns that titanflow has written so far. */
  readonly columns: readonly string[];
  readonly replacedAt: string | undefined;
}

export interface TableState {
  readonly existing: ExistingTable | undefined;
  readonly record: RecordedTable | undefined;
}

/**
 * DuckDB's own numbers of tables change as it is closed and opened. What lasts as long as the table, and goes with it, is
 * a comment on one of its columns.
 */
export function tableMark(id: string): string {
  return `titanflow table ${id}: receipts in titanflow.receipts stand for it as long as this comment is here.`;
}

export function idOfMark(comment: string): string | undefined {
  return /titanflow table ([\da-f-]{36})/.exec(comment)?.[1];
}

/**
 * Changes nothing, and does without the bookkeeping where there is none yet.
 *
 * @param table as the publication writes it: for messages
 * @throws StoreError where DuckDB takes the name for another one
 */
export async function readTableState(session: DatabaseSession, table: string, name: TableName): Promise<TableState> {
  const existing = await readTable(session, table, name);
  const isKnown = existing?.id !== undefined && (await hasBookkeeping(session));
  return { existing, record: isKnown ? await readRecord(session, name, existing.id) : undefined };
}

async function readTable(session: DatabaseSession, table: string, name: TableName): Promise<ExistingTable | undefined> {
  const schemas = z.array(foundName).parse(await session.query(FIND_SCHEMA, [name.schema]));
  requireSameCase(table, name.schema, schemas);
  const tables = z.array(foundTable).parse(await session.query(FIND_TABLE, [name.schema, name.name]));
  requireSameCase(table, name.name, tables);
  const found = tables.find((one) => one.name === name.name);
  if (found === undefined) {
    return undefined;
  }
  const columns = z.array(foundColumn).parse(await session.query(FIND_COLUMNS, [name.schema, name.name]));
  const comment = columns.find((column) => column.name === '_titan_execution')?.comment ?? '';
  return {
    id: idOfMark(comment),
    isTable: found.is_table,
    columns: columns.map(({ name, type, nullable, filled }) => {
      return { name, type, holds: HOLDS.get(type), required: !nullable && !filled, filled };
    }),
  };
}

function requireSameCase(table: string, wanted: string, found: readonly { readonly name: string }[]): void {
  const twin = found.find(({ name }) => name !== wanted && foldName(name) === foldName(wanted));
  if (twin !== undefined) {
    const [is, asked] = [JSON.stringify(twin.name), JSON.stringify(wanted)];
    throw refused(table, `DuckDB has ${is}, and does not tell it from ${asked}: write it as it is there`);
  }
}

async function readRecord(
  session: DatabaseSession,
  { qualified }: TableName,
  id: string,
): Promise<RecordedTable | undefined> {
  const [row] = await session.query(
    `SELECT owner, key, columns, to_json(known) ->> 'guesses' AS guesses, strftime(replaced_at, '${RFC3339}') AS replaced_at
     FROM ${bookkeepingOf(session)}.tables AS known WHERE "table" = $1 AND table_id = $2`,
    [qualified, id],
  );
  if (row === undefined) {
    return undefined;
  }
  const { owner, key, columns, guesses, replaced_at: replacedAt } = recordedTable.parse(row);
  const known = guesses === null ? {} : guessesSchema.parse(JSON.parse(guesses));
  return { owner, key: key ?? undefined, columns, guesses: known, replacedAt: replacedAt ?? undefined };
}

/** For `strftime`: a session's time zone is UTC. */
export const RFC3339 = '%Y-%m-%dT%H:%M:%S.%fZ';

const FIND_SCHEMA = `
  SELECT schema_name AS name FROM duckdb_schemas()
  WHERE database_name = current_database() AND lower(schema_name) = lower($1)`;

const FIND_TABLE = `
  SELECT name, is_table
  FROM (
    SELECT database_name, schema_name, table_name AS name, true AS is_table FROM duckdb_tables()
    UNION ALL
    SELECT database_name, schema_name, view_name, false FROM duckdb_views()
  )
  WHERE database_name = current_database() AND schema_name = $1 AND lower(name) = lower($2)`;

const FIND_COLUMNS = `
  SELECT column_name AS name, data_type AS type, is_nullable AS nullable, column_default IS NOT NULL AS filled, comment
  FROM duckdb_columns()
  WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2
  ORDER BY column_index`;

const foundName = z.object({ name: z.string() });
const foundTable = z.object({ name: z.string(), is_table: z.boolean() });
const foundColumn = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  filled: z.boolean(),
  comment: z.string().nullable(),
});
const recordedTable = z.object({
  owner: z.string(),
  key: z.array(z.string()).nullable(),
  columns: z.array(z.string()),
  /** The column is not there where an older version made the bookkeeping. */
  guesses: z.string().nullable(),
  replaced_at: z.string().nullable(),
});
const guessesSchema = z.record(z.string(), z.enum(['type', 'empty']));

/** A decimal would round and an `INTEGER` overflow, so they hold nothing of ours. */
const HOLDS: ReadonlyMap<string, ColumnType> = new Map([
  [DUCKDB_TYPES.text, 'text'],
  [DUCKDB_TYPES.timestamptz, 'timestamptz'],
  [DUCKDB_TYPES.bigint, 'bigint'],
  [DUCKDB_TYPES.numeric, 'numeric'],
  [DUCKDB_TYPES.boolean, 'boolean'],
  [DUCKDB_TYPES.jsonb, 'jsonb'],
]);
