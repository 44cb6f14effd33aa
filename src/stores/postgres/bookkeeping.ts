import type { Session } from './connection.js';

/**
 * Creates the schema `titanflow` where it is missing. Two workers may do so at once: `IF NOT EXISTS` alone is not safe
 * then, so they take turns. Call it in a transaction of its own, or every first load would wait for the others.
 *
 * - `receipts`: one row per run and table, written in the transaction that wrote the rows
 * - `rejects`: records that could not be published; id = (run, table, execution, row); `replayed_at` = mended since
 * - `tables`: who owns a table, its merge key, the columns that titanflow has written, those whose types are guesses, the
 *   `at` of its last replace
 *
 * A row speaks of the table that had `table_oid`: one that was dropped since takes what is known of it along.
 */
export async function ensureBookkeeping(session: Session): Promise<void> {
  const isThere = await hasBookkeeping(session);
  if (isThere && (await hasColumns(session, ADDED_COLUMNS))) {
    return;
  }
  await session.query(`SELECT pg_advisory_xact_lock(hashtextextended('titanflow', 0))`);
  // What is there needs no privilege to make it.
  for (const statement of isThere ? ADDITIONS : [...STATEMENTS, ...ADDITIONS]) {
    await session.query(statement);
  }
}

export async function hasBookkeeping(session: Session): Promise<boolean> {
  // The catalogue, not to_regclass, which fails for a role that may not use the schema.
  const [row] = await session.query(`
    SELECT count(*) = 3 AS there
    FROM pg_catalog.pg_class AS t
    JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
    WHERE s.nspname = 'titanflow' AND t.relname IN ('receipts', 'rejects', 'tables')`);
  return row?.['there'] === true;
}

/** False for what older versions of titanflow have made: nothing was replayed then. */
export function hasReplayMarks(session: Session): Promise<boolean> {
  return hasColumns(
    session,
    ADDED_COLUMNS.filter(({ column }) => column === 'replayed_at'),
  );
}

async function hasColumns(session: Session, columns: readonly (typeof ADDED_COLUMNS)[number][]): Promise<boolean> {
  const [row] = await session.query(
    `SELECT count(*) = $3 AS there
     FROM pg_catalog.pg_attribute AS a
     JOIN pg_catalog.pg_class AS t ON t.oid = a.attrelid
     JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
     JOIN unnest($1::text[], $2::text[]) AS added (table_name, column_name)
       ON added.table_name = t.relname AND added.column_name = a.attname
     WHERE s.nspname = 'titanflow' AND NOT a.attisdropped`,
    [columns.map(({ table }) => table), columns.map(({ column }) => column), columns.length],
  );
  return row?.['there'] === true;
}

const STATEMENTS = [
  `CREATE SCHEMA IF NOT EXISTS titanflow`,
  `CREATE TABLE IF NOT EXISTS titanflow.receipts (
    run text NOT NULL,
    "table" text NOT NULL,
    table_oid oid NOT NULL,
    store text NOT NULL,
    owner text NOT NULL,
    mode text NOT NULL,
    key text[],
    schema_hash text NOT NULL,
    at timestamptz NOT NULL,
    superseded boolean NOT NULL,
    records bigint NOT NULL,
    rows bigint NOT NULL,
    rejected bigint NOT NULL,
    inserted bigint NOT NULL,
    updated bigint NOT NULL,
    unchanged bigint NOT NULL,
    duplicates bigint NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run, "table")
  )`,
  `CREATE TABLE IF NOT EXISTS titanflow.rejects (
    run text NOT NULL,
    "table" text NOT NULL,
    execution text NOT NULL,
    row bigint NOT NULL,
    reason text NOT NULL,
    raw text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (run, "table", execution, row)
  )`,
  `CREATE TABLE IF NOT EXISTS titanflow.tables (
    "table" text PRIMARY KEY,
    table_oid oid NOT NULL,
    owner text NOT NULL,
    key text[],
    columns text[] NOT NULL,
    replaced_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
];

/** What the first versions had not. */
export const ADDED_COLUMNS = [
  { table: 'rejects', column: 'replayed_at', type: 'timestamptz' },
  { table: 'tables', column: 'guesses', type: 'jsonb' },
  { table: 'receipts', column: 'widened', type: 'jsonb' },
] as const;

const ADDITIONS = ADDED_COLUMNS.map(
  ({ table, column, type }) => `ALTER TABLE titanflow.${table} ADD COLUMN IF NOT EXISTS ${column} ${type}`,
);
