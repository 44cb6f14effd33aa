import type { ColumnType } from '../../domain/rows.js';

/** How DuckDB calls our types. */
export const DUCKDB_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  bigint: 'BIGINT',
  numeric: 'DOUBLE',
  boolean: 'BOOLEAN',
  jsonb: 'JSON',
};

/** An identifier for SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text for SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Reads a JSON Lines file as a table. A member that is not named is passed over, one that is missing is NULL.
 *
 * @param members name to DuckDB's type
 * @param longestLine in bytes, where it is known: the less, the less memory it takes
 */
export function readJsonLines(path: string, members: Members, longestLine = 2 * MOST_OBJECT_BYTES): string {
  return readJson(path, 'newline_delimited', members, longestLine);
}

/** Reads the elements of a JSON array in the same way. */
export function readJsonArray(path: string, members: Members, longestElement: number): string {
  return readJson(path, 'array', members, longestElement);
}

type Members = readonly (readonly [name: string, type: string])[];

function readJson(path: string, format: string, members: Members, longest: number): string {
  const objectSize = Math.min(Math.max(longest, LEAST_OBJECT_BYTES), MOST_OBJECT_BYTES);
  const columns = members.map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`).join(', ');
  return `read_json(${quoteText(path)}, format = '${format}', maximum_object_size = ${objectSize}, columns = {${columns}})`;
}

/**
 * DuckDB takes a line of up to twice this size, and a buffer as big for each thread. A record has at most 16 MiB;
 * as text within JSON, where each quote takes two characters, at most twice as much, and its line a little more.
 */
const MOST_OBJECT_BYTES = 20 * 1024 * 1024;
const LEAST_OBJECT_BYTES = 2 * 1024 * 1024;
