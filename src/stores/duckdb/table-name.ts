import type { Column } from '../../domain/rows.js';
import type { Publication } from '../../domain/run.js';
import { foldName, requireDistinctNames } from '../distinct-names.js';
import { joinName, splitName } from '../name-parts.js';
import { mergeKey, refused, requirePossible } from '../publication-rules.js';
import { quoteName } from './sql-text.js';

export interface TableName {
  readonly schema: string;
  readonly name: string;
  /** The same text for every way to write the same table: what the bookkeeping knows it by. */
  readonly qualified: string;
}

/**
 * What can be said of a publication without the database.
 *
 * @throws StoreError
 */
export function checkNames(publication: Publication, columns: readonly Column[] | undefined): TableName {
  requirePossible(publication, columns);
  const name = parseTableName(publication.table);
  for (const column of [...(columns ?? []).map((column) => column.name), ...(mergeKey(publication) ?? [])]) {
    requireIdentifier(publication.table, 'column', column);
  }
  requireDistinctNames(publication.table, columns ?? []);
  return name;
}

/**
 * Reads a publication's `table`. `prices` is in the schema `main`, `shop.prices` in `shop`; a name that has a dot or a
 * quote in it is written as in SQL.
 *
 * @throws StoreError for a name that is too long (63 bytes, as in every store), or that DuckDB keeps for itself.
 */
export function parseTableName(table: string): TableName {
  const parts = splitName(table);
  const [schema, name] = parts.length === 1 ? ['main', parts[0]] : parts;
  if (schema === undefined || name === undefined || parts.length > 2) {
    throw refused(table, 'the name must be table or schema.table; in quotes, as in "a.b", a dot is part of a name');
  }
  requireIdentifier(table, 'schema', schema);
  requireIdentifier(table, 'table', name);
  if (RESERVED_SCHEMAS.has(foldName(schema))) {
    throw refused(table, `the schema ${schema} is not for tables of rows`);
  }
  return { schema, name, qualified: joinName([schema, name]) };
}

/** The table for SQL. Its catalog is always named: a file, and so its catalog, may be called like a schema. */
export function tableSql({ catalog }: { readonly catalog: string }, { schema, name }: TableName): string {
  return `${catalog}.${quoteName(schema)}.${quoteName(name)}`;
}

function requireIdentifier(table: string, what: 'schema' | 'table' | 'column', identifier: string): void {
  const shown = JSON.stringify(identifier);
  if (identifier === '') {
    throw refused(table, `a ${what} name is empty`);
  }
  if (UNFIT.test(identifier)) {
    throw refused(table, `the ${what} name ${shown} has control characters or half a character`);
  }
  if (Buffer.byteLength(identifier) > MAX_IDENTIFIER_BYTES) {
    throw refused(table, `the ${what} name ${shown} is longer than ${MAX_IDENTIFIER_BYTES} bytes`);
  }
  if (what === 'column' && foldName(identifier) === ROW_ID) {
    throw refused(table, `the column name ${shown} is one that DuckDB keeps for itself`);
  }
}

/** The number of a row within its table: a column of that name would hide it. */
export const ROW_ID = 'rowid';

/** `titanflow` has receipts, rejects and tables. */
const RESERVED_SCHEMAS = new Set(['titanflow', 'information_schema', 'pg_catalog', 'temp', 'system']);
const MAX_IDENTIFIER_BYTES = 63;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNFIT = /[\u0000-\u001F\u007F]|\p{Surrogate}/u;
