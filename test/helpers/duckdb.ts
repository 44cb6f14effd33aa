import { DuckDBInstance, type DuckDBValue, type Json } from '@duckdb/node-api';

/** Everything as text, NULL as null. */
type Query = (
  sql: string,
  values?: readonly DuckDBValue[],
) => Promise<readonly Readonly<Record<string, string | null>>[]>;

/** Opens a database file as a person would, while no store has it, and closes it again. */
export async function withDuckDb<T>(path: string, work: (query: Query) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    return await work(async (sql, values = []) => {
      const reader = await connection.runAndReadAll(sql, [...values]);
      const names = reader.columnNames();
      // Not its own objects of rows: they have no column `__proto__`.
      return reader
        .getRowsJson()
        .map((row) => Object.fromEntries(row.map((value, at) => [names[at] ?? '', textOf(value)])));
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function textOf(value: Json): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}
