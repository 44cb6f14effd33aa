import { escapeIdentifier } from 'pg';
import { PROVENANCE_COLUMNS, type Column } from '../../domain/rows.js';
import { widenedColumns } from '../publication-rules.js';
import type { ExistingTable } from './read-table.js';
import type { TableName } from './table-name.js';

export interface TableShape {
  /** As the publication writes it: for messages. */
  readonly table: string;
  readonly name: TableName;
  readonly columns: readonly Column[];
  readonly key: readonly string[] | undefined;
}

/** What makes the table ready for a load: it is created, or gets the columns that it lacks. */
export function tableSql({ name, columns, key }: TableShape, existing: ExistingTable | undefined): readonly string[] {
  if (existing === undefined) {
    const definitions = [...columns.map(definition), ...PROVENANCE_COLUMNS.map((c) => `${definition(c)} NOT NULL`)];
    const schema = `CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(name.schema)}`;
    // A publication for logical replication refuses updates and deletes of rows that it cannot tell from one another.
    return key === undefined
      ? [
          schema,
          `CREATE TABLE ${name.sql} (${definitions.join(', ')})`,
          `ALTER TABLE ${name.sql} REPLICA IDENTITY FULL`,
        ]
      : [
          schema,
          `CREATE TABLE ${name.sql} (${[...definitions, `PRIMARY KEY (${keyList(key)})`].join(', ')}) WITH (fillfactor = ${MERGED_FILL})`,
        ];
  }
  const changes = [
    ...additions(columns, existing).map((column) => `ADD COLUMN ${column}`),
    ...widenedColumns(existing.columns, columns).map(widening),
  ];
  return [
    ...(changes.length > 0 ? [`ALTER TABLE ${name.sql} ${changes.join(', ')}`] : []),
    // The default was only for rows that are there: from now on a row without provenance is a mistake.
    ...missingColumns(PROVENANCE_COLUMNS, existing).map(
      (column) => `ALTER TABLE ${name.sql} ALTER COLUMN ${escapeIdentifier(column.name)} DROP DEFAULT`,
    ),
  ];
}

/** What gives the key of a merge its unique index; undefined where there is no key, or one already. */
export function uniqueIndexSql({ name, key }: TableShape, existing: ExistingTable | undefined): string | undefined {
  if (key === undefined || existing === undefined || hasUniqueKey(existing, key)) return undefined;
  return `CREATE UNIQUE INDEX ON ${name.sql} (${keyList(key)})`;
}

function keyList(key: readonly string[]): string {
  return key.map((column) => escapeIdentifier(column)).join(', ');
}

/** All of it, in order. */
export function shapingSql(shape: TableShape, existing: ExistingTable | undefined): readonly string[] {
  return [...tableSql(shape, existing), uniqueIndexSql(shape, existing)].filter((statement) => statement !== undefined);
}

/** True where `ON CONFLICT` on these columns finds an index. */
export function hasUniqueKey(existing: ExistingTable | undefined, key: readonly string[]): boolean {
  const covers = (names: readonly string[]): boolean =>
    names.length === key.length && names.every((name) => key.includes(name));
  return existing?.uniqueKeys.some(covers) ?? false;
}

export function missingColumns(columns: readonly Column[], existing: ExistingTable): readonly Column[] {
  return columns.filter(({ name }) => !existing.columns.some((have) => have.name === name));
}

function widening({ name, type }: Column): string {
  const column = escapeIdentifier(name);
  return `ALTER COLUMN ${column} TYPE ${type} USING ${column}::${type}`;
}

function additions(columns: readonly Column[], existing: ExistingTable): readonly string[] {
  return [
    ...missingColumns(columns, existing).map(definition),
    ...missingColumns(PROVENANCE_COLUMNS, existing).map(
      (column) => `${definition(column)} NOT NULL DEFAULT ${OLDEST[column.type]}`,
    ),
  ];
}

/**
 * A merge writes most rows anew. Where their pages have room, the new ones stay beside the old ones, and no index has to be
 * told: it takes half of the time, and the table needs the room after the first merge anyway.
 */
const MERGED_FILL = 50;

const OLDEST: Readonly<Record<string, string>> = { text: `''`, bigint: '0', timestamptz: `'-infinity'` };

function definition({ name, type }: Column): string {
  return `${escapeIdentifier(name)} ${type}`;
}
