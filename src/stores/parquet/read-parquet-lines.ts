import { PROVENANCE_COLUMNS, type Column, type ColumnType } from '../../domain/rows.js';
import { foldName } from '../distinct-names.js';
import { DUCKDB_TYPES, quoteName, quoteText } from '../duckdb/sql-text.js';
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
    const there = new Map<string, string>();
    const described = `SELECT column_type || chr(9) || column_name FROM (DESCRIBE SELECT * FROM ${source})`;
    for await (const found of database.session.texts(described)) {
      for (const text of found) {
        const end = text.indexOf('\t');
        there.set(foldName(text.slice(end + 1)), text.slice(0, end));
      }
    }
    const members = [...columns, ...PROVENANCE_COLUMNS].flatMap(({ name, type }) => {
      const inFile = there.get(foldName(name));
      return inFile === undefined ? [] : [member(name, type, inFile)];
    });
    await database.session.query(`SET TimeZone = 'UTC'`);
    yield* database.session.texts(`SELECT '{' || concat_ws(',', ${members.join(', ')}) || '}' FROM ${source}`);
  } finally {
    await database.close();
  }
}

/**
 * SQL for `"name":value`, or NULL, which `concat_ws` passes over.
 *
 * @param inFile the type that the file has: narrower where the table's was a guess then
 */
function member(name: string, type: ColumnType, inFile: string): string {
  const column = quoteName(name);
  const written = COLUMN_TYPES.find((known) => DUCKDB_TYPES[known] === inFile) ?? type;
  const value = written === type ? JSON_TEXT[type](column) : widened(type, JSON_TEXT[written](column));
  return `${quoteText(`${JSON.stringify(name)}:`)} || ${value}`;
}

/** Whole numbers are numbers, too; all else becomes a text, unless there was no value. */
function widened(type: ColumnType, value: string): string {
  return type === 'text' ? `to_json(${value})::VARCHAR` : value;
}

const COLUMN_TYPES = ['text', 'timestamptz', 'bigint', 'numeric', 'boolean', 'jsonb'] as const;

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
