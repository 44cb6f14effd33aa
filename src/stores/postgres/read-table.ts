import { z } from 'zod';
import type { ColumnType } from '../../domain/rows.js';
import type { TableRecord } from '../publication-rules.js';
import type { Session } from './connection.js';
import type { TableName } from './table-name.js';

/** A table as it stands in Postgres. */
export interface ExistingTable {
  readonly oid: string;
  /** `r` and `p` can be written to: https://www.postgresql.org/docs/current/catalog-pg-class.html */
  readonly kind: string;
  readonly columns: readonly ExistingColumn[];
  /** Policies judge each row that our role writes, which COPY cannot have. */
  readonly guarded: boolean;
  /** Sets of columns that a usable unique index covers. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** Privileges that our role lacks, of those that a load may need. */
  readonly lacking: readonly string[];
}

interface ExistingColumn {
  readonly name: string;
  /** As Postgres calls it, e.g. `character varying(20)`. */
  readonly type: string;
  /** Which of our types it holds without loss; undefined = none. */
  readonly holds: ColumnType | undefined;
  /** An insert that leaves it out fails. */
  readonly required: boolean;
}

/** What `titanflow.tables` knows of the table with this oid. */
export interface RecordedTable extends TableRecord {
  /** Columns that titanflow has written so far. */
  readonly columns: readonly string[];
  readonly replacedAt: string | undefined;
}

export async function readTable(session: Session, { schema, name }: TableName): Promise<ExistingTable | undefined> {
  const [row] = await session.query(FIND_TABLE, [schema, name]);
  if (row === undefined) {
    return undefined;
  }
  const { columns, unique_keys: uniqueKeys, ...table } = foundTable.parse(row);
  return {
    ...table,
    uniqueKeys,
    columns: columns.map((column) => ({ ...column, holds: HOLDS.get(column.type) })),
  };
}

/** Needs the bookkeeping. A record of a table that was dropped since does not count. */
export async function readTableRecord(
  session: Session,
  { qualified }: TableName,
  oid: string,
): Promise<RecordedTable | undefined> {
  const [row] = await session.query(FIND_RECORD, [qualified, oid]);
  if (row === undefined) {
    return undefined;
  }
  const { owner, key, columns, replaced_at: replacedAt } = recordedTable.parse(row);
  return { owner, key: key ?? undefined, columns, replacedAt: replacedAt ?? undefined };
}

const FIND_TABLE = `
  SELECT
    t.oid::text,
    t.relkind::text AS kind,
    row_security_active(t.oid) AS guarded,
    ARRAY(
      SELECT json_build_object(
        'name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod),
        'required', a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
      )
      FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
    ) AS columns,
    ARRAY(
      SELECT to_json(ARRAY(
        SELECT a.attname
        FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS part (attnum)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = part.attnum
      ))
      FROM pg_catalog.pg_index AS i
      WHERE i.indrelid = t.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND i.indpred IS NULL AND i.indexprs IS NULL
    ) AS unique_keys,
    ARRAY(
      SELECT privilege
      FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
      WHERE NOT has_table_privilege(t.oid, privilege)
    ) || CASE WHEN pg_has_role(t.relowner, 'USAGE') THEN '{}' ELSE ARRAY['ALTER'] END AS lacking
  FROM pg_catalog.pg_class AS t
  JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
  WHERE s.nspname = $1 AND t.relname = $2 AND t.relkind NOT IN ('i', 'I', 't', 'S', 'c')`;

const FIND_RECORD = `
  SELECT owner, key, columns, to_char(replaced_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS replaced_at
  FROM titanflow.tables
  WHERE "table" = $1 AND table_oid = $2`;

/** The session's time zone is UTC, so `to_char` gives RFC 3339. */
const recordedTable = z.object({
  owner: z.string(),
  key: z.array(z.string()).nullable(),
  columns: z.array(z.string()),
  replaced_at: z.string().nullable(),
});

const foundTable = z.object({
  oid: z.string(),
  kind: z.string(),
  guarded: z.boolean(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), required: z.boolean() })),
  unique_keys: z.array(z.array(z.string())),
  lacking: z.array(z.string()),
});

/**
 * A bounded numeric would round and an `integer` overflow, so they hold nothing of ours. A bounded varchar is taken:
 * whoever made it wants long texts refused.
 */
const HOLDS = {
  get(type: string): ColumnType | undefined {
    return type.startsWith('character varying') ? 'text' : SAME.get(type);
  },
};

const SAME: ReadonlyMap<string, ColumnType> = new Map([
  ['text', 'text'],
  ['bigint', 'bigint'],
  ['numeric', 'numeric'],
  ['boolean', 'boolean'],
  ['jsonb', 'jsonb'],
  ['timestamp with time zone', 'timestamptz'],
]);
