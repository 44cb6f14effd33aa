import { PROVENANCE_COLUMNS, type Column, type ColumnType } from '../../domain/rows.js';
import { foldName } from '../distinct-names.js';
import { quoteName, quoteText } from '../duckdb/sql-text.js';
import { openMemoryDatabase } from './memory-database.js';

export interface ParquetReading {
  readonly path: string;
  /** The columns to read; one that the file lacks is missing in every line. */
  readonly columns: readonly Column[];
  readonly signal: AbortSignal;
}

/**
 * The rows of a Parquet file as `createLineWriter` would write them, in the order of the file and in batches. A NULL is
 * left out of its line. Values read back as `createTypedRow` made them: numbers may be written differently (`1.0`,
 * `1e21`), never changed.
 *
 * @throws StoreError; the signal's reason
 */
export async function* readParquetLines({ path, columns, signal }: ParquetReading): AsyncGenerator<readonly string[]> {
  const database = await openMemoryDatabase(path, signal);
  try {
    const source = `read_parquet(${quoteText(path)})`;
    const there = new Set<string>();
    for await (const names of database.session.texts(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${source})`)) {
      names.forEach((name) => there.add(foldName(name)));
    }
    const members = [...columns, ...PROVENANCE_COLUMNS].filter(({ name }) => there.has(foldName(name))).map(member);
    await database.session.query(`SET TimeZone = 'UTC'`);
    yield* database.session.texts(`SELECT '{' || concat_ws(',', ${members.join(', ')}) || '}' FROM ${source}`);
  } finally {
    await database.close();
  }
}

/** SQL for `"name":value`, or NULL, which `concat_ws` passes over. */
function member({ name, type }: Column): string {
  return `${quoteText(`${JSON.stringify(name)}:`)} || ${JSON_TEXT[type](quoteName(name))}`;
}

const JSON_TEXT: Readonly<Record<ColumnType, (column: string) => string>> = {
  text: (column) => `to_json(${column})::VARCHAR`,
  timestamptz: (column) => `'"' || rtrim(rtrim(strftime(${column}, '%Y-%m-%dT%H:%M:%S.%f'), '0'), '.') || 'Z"'`,
  bigint: (column) => `${column}::VARCHAR`,
  // Whole numbers without `.0`, as they mostly came.
  numeric: (column) =>
    `CASE WHEN ${column} = trunc(${column}) AND abs(${column}) < 1e15 THEN ${column}::BIGINT::VARCHAR ELSE ${column}::VARCHAR END`,
  boolean: (column) => `${column}::VARCHAR`,
  jsonb: (column) => `${column}::VARCHAR`,
};
