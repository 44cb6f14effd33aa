import type { Column } from '../domain/rows.js';
import type { Publication } from '../domain/run.js';
import type { StoreConfig } from '../domain/store-config.js';
import * as duckdb from './duckdb/shape-table.js';
import { quoteName } from './duckdb/sql-text.js';
import * as duckdbNames from './duckdb/table-name.js';
import * as postgresNames from './postgres/check-table.js';
import * as postgres from './postgres/table-sql.js';
import { mergeKey } from './publication-rules.js';

/**
 * The SQL of a table that is not there yet, without asking the store; none where it has no SQL.
 *
 * @throws StoreError where no store of that kind could have such a table
 */
export function newTableSql(
  kind: StoreConfig['kind'],
  publication: Publication,
  columns: readonly Column[],
): readonly string[] {
  switch (kind) {
    case 'postgres': {
      const name = postgresNames.checkNames(publication, columns);
      return postgres.shapingSql({ ...publication, name, columns, key: mergeKey(publication) }, undefined);
    }
    case 'duckdb': {
      const name = duckdbNames.checkNames(publication, columns);
      const schema = quoteName(name.schema);
      return duckdb.shapingSql({ schema, table: `${schema}.${quoteName(name.name)}`, columns }, undefined);
    }
    case 'files':
    case 's3':
      return [];
  }
}
