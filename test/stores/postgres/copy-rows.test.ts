import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../src/domain/rows.js';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Store } from '../../../src/stores/store.js';
import { startPostgres, type TestPostgres } from '../../helpers/postgres.js';
import { countsOf, loadOf, SECOND, SKU } from '../loads.js';

describe('a load into postgres', () => {
  let server: TestPostgres;
  let client: Client;
  let store: Store;
  beforeAll(async () => {
    server = await startPostgres();
    client = new Client({ connectionString: server.url });
    await client.connect();
    store = openUrl(server.url);
  });
  afterAll(async () => {
    await store.close();
    await client.end();
    await server.stop();
  });
  const valuesOf = async (query: string): Promise<readonly unknown[]> =>
    (await client.query<Record<string, unknown>>(query)).rows.flatMap((row) => Object.values(row));

  it('takes rows and a great many rejects of its own over one connection', async () => {
    const columns = [SKU, { name: 'n', type: 'bigint' }] as const;
    const long = `"${'x'.repeat(4000)}"`;
    async function* rows(): AsyncGenerator<readonly Row[]> {
      for (let from = 0; from < 4000; from += 100) {
        yield Array.from({ length: 100 }, (_, index) => {
          const row = from + index;
          return { execution: 'many', row, at: SECOND, cells: [long, row % 2 === 0 ? '1' : '1e30'] };
        });
      }
    }
    const receipt = await store.publish(loadOf({ table: 'many', run: 'many', columns, rows: rows(), records: 4000 }));
    expect(countsOf(receipt)).toEqual({ records: 4000, rows: 2000, inserted: 2000, rejected: 2000 });
    expect(await valuesOf('SELECT count(*)::int FROM many')).toEqual([2000]);
    expect(
      await valuesOf(
        `SELECT count(DISTINCT row)::int FROM titanflow.rejects WHERE run = 'many' AND length(raw) > 4000`,
      ),
    ).toEqual([2000]);
  });

  it('leaves it to policies which rows a role may add', async () => {
    const role = `watched_${process.pid}`;
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'watched'`);
    await store.publish(loadOf({ table: 'policed', cells: [['"x"', '1']] }));
    await client.query(`
      ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
      CREATE POLICY cheap ON policed FOR INSERT TO ${role} WITH CHECK (price < 10);
      GRANT USAGE ON SCHEMA titanflow TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA titanflow TO ${role};
      GRANT INSERT ON policed TO ${role}`);
    const watched = openUrl(Object.assign(new URL(server.url), { username: role, password: 'watched' }).href);
    await watched.publish(loadOf({ table: 'policed', run: 'cheap', cells: [['"y"', '2']] }));
    await expect(
      watched.publish(loadOf({ table: 'policed', run: 'dear', cells: [['"z"', '20']] })),
    ).rejects.toMatchObject({ reason: 'rejected', message: expect.stringContaining('row-level security') });
    await watched.close();
    expect(await valuesOf('SELECT sku FROM policed ORDER BY sku')).toEqual(['x', 'y']);
    await client.query(`DROP TABLE policed; DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});

function openUrl(url: string): Store {
  return openStores({ here: { kind: 'postgres', url } }).get('here');
}
