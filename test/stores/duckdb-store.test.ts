import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reject } from '../../src/domain/rows.js';
import { parseTableName } from '../../src/stores/duckdb/table-name.js';
import { openStores } from '../../src/stores/open-stores.js';
import { quoted, withDuckDb } from '../helpers/duckdb.js';
import { testStore, type ReadRow } from './contract.js';

testStore('duckdb', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-duckdb-'));
  // Called like the schema of the bookkeeping: every name has to say which it means.
  const path = join(directory, 'titanflow.duckdb');
  const sqlOf = (table: string): string => {
    const { schema, name } = parseTableName(table);
    return `titanflow.${quoted(schema)}.${quoted(name)}`;
  };
  return {
    open: () => openStores({ here: { kind: 'duckdb', path } }).get('here'),
    readTable: (table) =>
      withDuckDb(path, async (query) => {
        const { schema, name } = parseTableName(table);
        const there = await query('SELECT 1 FROM duckdb_tables() WHERE schema_name = $1 AND table_name = $2', [
          schema,
          name,
        ]);
        if (there.length === 0) {
          return undefined;
        }
        const rows = await query(`SELECT * FROM ${sqlOf(table)} ORDER BY _titan_execution, _titan_row`);
        return rows.map(withoutTime);
      }),
    readRejects: (table, run) =>
      withDuckDb(path, async (query) => {
        const rejects = await query(
          `SELECT execution, row, reason, raw FROM titanflow.titanflow.rejects WHERE run = $1 AND "table" = $2 ORDER BY row`,
          [run, parseTableName(table).qualified],
        );
        return rejects.map((reject) => ({ ...reject, row: Number(reject['row']) }) as unknown as Reject);
      }),
    number: (raw) => String(Number(raw)),
    async dropTable(table) {
      await withDuckDb(path, (query) => query(`DROP TABLE ${sqlOf(table)}`));
    },
    stop: () => rm(directory, { recursive: true }),
  };
});

function withoutTime(row: ReadRow): ReadRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== '_titan_at'));
}
