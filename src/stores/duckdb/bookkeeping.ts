import type { DatabaseSession } from './database.js';

/**
 * Creates the schema `titanflow` where it is missing. DuckDB's indexes are held in memory and check a row that is
 * deleted and written again against itself, so there are no primary keys: loads take turns, and look before they write.
 *
 * - `receipts`: one row per run and table, written in the transaction that wrote the rows
 * - `rejects`: records that could not be published; id = (run, table, execution, row)
 * - `tables`: who owns a table, its merge key, the columns that titanflow has written, those whose types are guesses (JSON),
 *   the `at` of its last replace
 *
 * A row speaks of the table that had `table_id`: one that was dropped since takes what is known of it along.
 */
export async function ensureBookkeeping(session: DatabaseSession): Promise<void> {
  const bookkeeping = bookkeepingOf(session);
  if (!(await hasBookkeeping(session))) {
    await session.query(statements(bookkeeping));
  }
  // What the first versions had not.
  await session.query(`
    ALTER TABLE ${bookkeeping}.tables ADD COLUMN IF NOT EXISTS guesses VARCHAR;
    ALTER TABLE ${bookkeeping}.receipts ADD COLUMN IF NOT EXISTS widened VARCHAR`);
}

export async function hasBookkeeping(session: DatabaseSession): Promise<boolean> {
  const [row] = await session.query(`
    SELECT count(*) = 3 AS there FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = 'titanflow'
      AND table_name IN ('receipts', 'rejects', 'tables')`);
  return row?.['there'] === true;
}

/** The schema of the bookkeeping, for SQL. */
export function bookkeepingOf({ catalog }: DatabaseSession): string {
  return `${catalog}.titanflow`;
}

function statements(bookkeeping: string): string {
  return `
    CREATE SCHEMA IF NOT EXISTS ${bookkeeping};
    CREATE TABLE IF NOT EXISTS ${bookkeeping}.receipts (
      run VARCHAR NOT NULL,
      "table" VARCHAR NOT NULL,
      table_id VARCHAR NOT NULL,
      store VARCHAR NOT NULL,
      owner VARCHAR NOT NULL,
      mode VARCHAR NOT NULL,
      key VARCHAR[],
      schema_hash VARCHAR NOT NULL,
      "at" TIMESTAMPTZ NOT NULL,
      superseded BOOLEAN NOT NULL,
      records BIGINT NOT NULL,
      rows BIGINT NOT NULL,
      rejected BIGINT NOT NULL,
      inserted BIGINT NOT NULL,
      updated BIGINT NOT NULL,
      unchanged BIGINT NOT NULL,
      duplicates BIGINT NOT NULL,
      published_at TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE TABLE IF NOT EXISTS ${bookkeeping}.rejects (
      run VARCHAR NOT NULL,
      "table" VARCHAR NOT NULL,
      execution VARCHAR NOT NULL,
      row BIGINT NOT NULL,
      reason VARCHAR NOT NULL,
      raw VARCHAR NOT NULL,
      "at" TIMESTAMPTZ NOT NULL,
      replayed_at TIMESTAMPTZ
    );
    CREATE TABLE IF NOT EXISTS ${bookkeeping}.tables (
      "table" VARCHAR NOT NULL,
      table_id VARCHAR NOT NULL,
      owner VARCHAR NOT NULL,
      key VARCHAR[],
      columns VARCHAR[] NOT NULL,
      replaced_at TIMESTAMPTZ,
      created_at TIMESTAMPTZ NOT NULL DEFAULT now()
    )`;
}
