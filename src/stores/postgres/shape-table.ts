import { escapeIdentifier } from 'pg';
import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import { refused } from '../publication-rules.js';
import { StoreError } from '../store.js';
import type { Session } from './connection.js';
import type { ExistingTable } from './read-table.js';
import type { TableName } from './table-name.js';

/**
 * Makes the table ready for a load: creates it, or adds the columns that it lacks, and the unique index on the key.
 *
 * Rows that were there before titanflow get a provenance older than any: `_titan_at` is `-infinity`.
 *
 * @returns the table's oid
 * @throws StoreError
 */
export async function shapeTable(
  session: Session,
  { table, name, columns, key }: TableShape,
  existing: ExistingTable | undefined,
): Promise<string> {
  if (existing === undefined) {
    await session.query(`CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(name.schema)}`);
    const definitions = [...columns.map(definition), ...PROVENANCE_COLUMNS.map((c) => `${definition(c)} NOT NULL`)];
    const fill = key === undefined ? '' : ` WITH (fillfactor = ${MERGED_FILL})`;
    await session.query(`CREATE TABLE ${name.sql} (${definitions.join(', ')})${fill}`);
  } else {
    const added = additions(columns, existing);
    if (added.length > 0) {
      await session.query(`ALTER TABLE ${name.sql} ${added.map((column) => `ADD COLUMN ${column}`).join(', ')}`);
    }
    // The default was only for rows that are there: from now on a row without provenance is a mistake.
    for (const column of missing(PROVENANCE_COLUMNS, existing)) {
      await session.query(`ALTER TABLE ${name.sql} ALTER COLUMN ${escapeIdentifier(column.name)} DROP DEFAULT`);
    }
  }
  if (key !== undefined && !hasUniqueKey(existing, key)) {
    await createUniqueIndex(session, table, name, key);
  }
  const [row] = await session.query('SELECT $1::regclass::oid::text AS oid', [name.sql]);
  return String(row?.['oid']);
}

export interface TableShape {
  /** As the publication writes it: for messages. */
  readonly table: string;
  readonly name: TableName;
  readonly columns: readonly Column[];
  readonly key: readonly string[] | undefined;
}

/** True where `ON CONFLICT` on these columns finds an index. */
export function hasUniqueKey(existing: ExistingTable | undefined, key: readonly string[]): boolean {
  const covers = (names: readonly string[]): boolean =>
    names.length === key.length && names.every((name) => key.includes(name));
  return existing?.uniqueKeys.some(covers) ?? false;
}

/** True where a load of these columns leaves the table as it is. */
export function isWellShaped(existing: ExistingTable, columns: readonly Column[]): boolean {
  return missing([...columns, ...PROVENANCE_COLUMNS], existing).length === 0;
}

function missing(columns: readonly Column[], existing: ExistingTable): readonly Column[] {
  return columns.filter(({ name }) => !existing.columns.some((have) => have.name === name));
}

/** What a merge on a table that has two rows with one key is told. */
export function duplicateKeys(table: string, key: readonly string[], options?: ErrorOptions): StoreError {
  return refused(
    table,
    `it has several rows with the same key ${key.join(', ')}, so nothing can be merged into it`,
    options,
  );
}

async function createUniqueIndex(
  session: Session,
  table: string,
  name: TableName,
  key: readonly string[],
): Promise<void> {
  try {
    await session.query(
      `CREATE UNIQUE INDEX ON ${name.sql} (${key.map((column) => escapeIdentifier(column)).join(', ')})`,
    );
  } catch (error) {
    const cause = error instanceof StoreError ? error.cause : undefined;
    if (cause instanceof Error && 'code' in cause && cause.code === UNIQUE_VIOLATION) {
      throw duplicateKeys(table, key, { cause });
    }
    throw error;
  }
}

/**
 * A merge writes most rows anew. Where their pages have room, the new ones stay beside the old ones, and no index has to be
 * told: it takes half of the time, and the table needs the room after the first merge anyway.
 */
const MERGED_FILL = 50;

const UNIQUE_VIOLATION = '23505';

function additions(columns: readonly Column[], existing: ExistingTable): readonly string[] {
  return [
    ...missing(columns, existing).map(definition),
    ...missing(PROVENANCE_COLUMNS, existing).map(
      (column) => `${definition(column)} NOT NULL DEFAULT ${OLDEST[column.type]}`,
    ),
  ];
}

const OLDEST: Readonly<Record<string, string>> = { text: `''`, bigint: '0', timestamptz: `'-infinity'` };

function definition({ name, type }: Column): string {
  return `${escapeIdentifier(name)} ${type}`;
}
