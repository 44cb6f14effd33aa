import { refused } from '../publication-rules.js';
import { ADDED_COLUMNS } from './bookkeeping.js';
import type { Session } from './connection.js';
import type { TableName } from './table-name.js';

/**
 * Says whether the role may do what a load does around the table: keep the bookkeeping, make what is missing.
 *
 * @throws StoreError that says which grant is missing
 */
export async function requirePrivileges(session: Session, table: string, { schema, name }: TableName): Promise<void> {
  const lacking = await session.query(LACKING_GRANTS, [schema, name]);
  if (lacking.length > 0) {
    const grants = lacking.map((row) => String(row['missing'])).join('; ');
    throw refused(table, `the role of the store's url lacks ${grants}`);
  }
}

const ADDED = ADDED_COLUMNS.map(({ table, column }) => `('${table}', '${column}')`).join(', ');

/** A schema that does not exist will be made, and so will the table in it. */
const LACKING_GRANTS = `
  WITH wanted (name) AS (
    SELECT 'titanflow'
    UNION
    SELECT $1::text
    WHERE NOT EXISTS (
      SELECT FROM pg_catalog.pg_class AS t
      JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
      WHERE s.nspname = $1 AND t.relname = $2
    )
  )
  SELECT 'CREATE on the database, to make the schema ' || wanted.name AS missing
  FROM wanted
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = wanted.name)
    AND NOT has_database_privilege(current_database(), 'CREATE')
  UNION ALL
  SELECT 'USAGE and CREATE on the schema ' || nspname
  FROM pg_catalog.pg_namespace
  JOIN wanted ON nspname = wanted.name AND nspname <> 'titanflow'
  WHERE NOT (has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE'))
  UNION ALL
  SELECT 'USAGE on the schema titanflow'
  FROM pg_catalog.pg_namespace
  WHERE nspname = 'titanflow' AND NOT has_schema_privilege(oid, 'USAGE')
  UNION ALL
  SELECT privilege || ' on titanflow.' || t.relname
  FROM pg_catalog.pg_class AS t
  JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
  CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
  WHERE s.nspname = 'titanflow' AND t.relname IN ('receipts', 'rejects', 'tables')
    AND NOT has_table_privilege(t.oid, privilege)
  UNION ALL
  SELECT 'ownership of titanflow.' || t.relname || ', to add its column ' || added.column_name
  FROM pg_catalog.pg_class AS t
  JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
  JOIN (VALUES ${ADDED}) AS added (table_name, column_name) ON added.table_name = t.relname
  WHERE s.nspname = 'titanflow' AND NOT pg_has_role(t.relowner, 'USAGE')
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid = t.oid AND a.attname = added.column_name AND NOT a.attisdropped
    )
  UNION ALL
  SELECT 'TEMPORARY on the database'
  WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')`;
