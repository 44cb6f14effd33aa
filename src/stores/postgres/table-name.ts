import { escapeIdentifier } from 'pg';
import { joinName, splitName } from '../name-parts.js';
import { refused } from '../publication-rules.js';

export interface TableName {
  readonly schema: string;
  readonly name: string;
  /** For SQL. */
  readonly sql: string;
  /** The same text for every way to write the same table: what the bookkeeping knows it by. */
  readonly qualified: string;
}

/**
 * Reads a publication's `table`. `prices` is in the schema `public`, `shop.prices` in `shop`; a name that has a dot or
 * a quote in it is written as in SQL: `"prices.2024"`, `shop."prices.2024"`, with `""` for a quote. Letters are never
 * folded: `Prices` is not `prices`.
 *
 * @throws StoreError for a name that Postgres would cut (63 bytes), refuse, or keeps for itself.
 */
export function parseTableName(table: string): TableName {
  const parts = splitName(table);
  const [schema, name] = parts.length === 1 ? ['public', parts[0]] : parts;
  if (schema === undefined || name === undefined || parts.length > 2) {
    throw refused(table, 'the name must be table or schema.table; in quotes, as in "a.b", a dot is part of a name');
  }
  requireIdentifier(table, 'schema', schema);
  requireIdentifier(table, 'table', name);
  if (schema === BOOKKEEPING || schema === 'information_schema' || schema.startsWith('pg_')) {
    throw refused(table, `the schema ${schema} is not for tables of rows`);
  }
  return {
    schema,
    name,
    sql: `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`,
    qualified: joinName([schema, name]),
  };
}

/** @throws StoreError where `identifier` cannot be the name of a schema, a table or a column. */
export function requireIdentifier(table: string, what: 'schema' | 'table' | 'column', identifier: string): void {
  const shown = JSON.stringify(identifier);
  if (identifier === '') {
    throw refused(table, `a ${what} name is empty`);
  }
  if (CONTROL.test(identifier)) {
    throw refused(table, `the ${what} name ${shown} has control characters`);
  }
  if (Buffer.byteLength(identifier) > MAX_IDENTIFIER_BYTES) {
    throw refused(table, `the ${what} name ${shown} is longer than ${MAX_IDENTIFIER_BYTES} bytes`);
  }
  if (what === 'column' && SYSTEM_COLUMNS.has(identifier)) {
    throw refused(table, `the column name ${shown} is one that Postgres keeps for itself`);
  }
}

/** The schema of receipts, rejects and tables. */
const BOOKKEEPING = 'titanflow';

const MAX_IDENTIFIER_BYTES = 63;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001F\u007F]/;
const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid']);
