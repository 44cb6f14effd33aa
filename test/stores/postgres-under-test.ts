import { Client } from 'pg';
import { openStores } from '../../src/stores/open-stores.js';
import { parseTableName } from '../../src/stores/postgres/table-name.js';
import { startPostgres, type PostgresMajor } from '../helpers/postgres.js';
import type { ReadRow, StoreUnderTest } from './contract.js';

/** A store on a server of that version, and how its tables are read without it. */
export async function openPostgresUnderTest(major: PostgresMajor): Promise<StoreUnderTest> {
  const server = await startPostgres(major);
  // Everything as Postgres writes it, but the session's own strings stay strings.
  const client = new Client({ connectionString: server.url, types: { getTypeParser: () => String } });
  await client.connect();
  await client.query(`SET TIME ZONE 'UTC'`);
  return {
    open: () => openStores({ here: { kind: 'postgres', url: server.url } }).get('here'),
    async readTable(table) {
      const { sql } = parseTableName(table);
      const found = await client.query<{ there: string | null }>('SELECT to_regclass($1) AS there', [sql]);
      if (found.rows[0]?.there === null) {
        return undefined;
      }
      const result = await client.query<ReadRow>(
        `SELECT * FROM ${sql} ORDER BY _titan_execution COLLATE "C", _titan_row`,
      );
      return result.rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== '_titan_at')));
    },
    async readRejects(table, run) {
      const result = await client.query<{ execution: string; row: string; reason: string; raw: string }>(
        `SELECT execution, row, reason, raw FROM titanflow.rejects WHERE run = $1 AND "table" = $2 ORDER BY row`,
        [run, parseTableName(table).qualified],
      );
      return result.rows.map((reject) => ({ ...reject, row: Number(reject.row) }));
    },
    number: (raw) => raw,
    refusesRowsAlone: true,
    async dropTable(table) {
      await client.query(`DROP TABLE ${parseTableName(table).sql}`);
    },
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}
