import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStores } from '../../../src/stores/open-stores.js';
import type { Store } from '../../../src/stores/store.js';
import { startPostgres, type TestPostgres } from '../../helpers/postgres.js';
import { countsOf, mergeOf, SECOND } from '../loads.js';

describe.each([16, 18] as const)('a merge into postgres %d', (major) => {
  let server: TestPostgres;
  let client: Client;
  let store: Store;
  beforeAll(async () => {
    server = await startPostgres(major);
    client = new Client({ connectionString: server.url });
    await client.connect();
    store = openStores({ here: { kind: 'postgres', url: server.url } }).get('here');
  });
  afterAll(async () => {
    await store.close();
    await client.end();
    await server.stop();
  });
  const pricesOf = async (table: string): Promise<readonly unknown[]> =>
    (await client.query<{ sku: string; price: string }>(`SELECT sku, price FROM ${table} ORDER BY sku`)).rows.map(
      ({ sku, price }) => `${sku} ${price}`,
    );

  it.each([
    ['changes a row', `UPDATE raced SET price = 5 WHERE sku = 'x'`],
    ['adds a row', `INSERT INTO raced VALUES ('z', 5, 'theirs', 0, '-infinity')`],
    ['takes a row away', `DELETE FROM raced WHERE sku = 'x'`],
  ])('wins over somebody who %s meanwhile', async (_, change) => {
    await client.query('DROP TABLE IF EXISTS raced');
    await store.publish(
      mergeOf({
        table: 'raced',
        run: `a ${change}`,
        cells: [
          ['"x"', '1'],
          ['"y"', '1'],
        ],
      }),
    );
    await client.query(`BEGIN; ${change}`);
    const load = mergeOf({
      table: 'raced',
      run: `b ${change}`,
      at: SECOND,
      cells: [
        ['"x"', '2'],
        ['"y"', '2'],
        ['"z"', '2'],
      ],
    });
    const merging = store.publish(load);
    await expect
      .poll(async () => (await client.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount, { timeout: 10_000 })
      .toBe(1);
    await client.query('COMMIT');
    expect(countsOf(await merging)).toMatchObject({ rows: 3 });
    expect(await pricesOf('raced')).toEqual(['x 2', 'y 2', 'z 2']);
  });

  it('finds each row in its partition', async () => {
    await client.query(`
      CREATE TABLE parted (sku text, price numeric) PARTITION BY LIST (sku);
      CREATE TABLE parted_x PARTITION OF parted FOR VALUES IN ('x');
      CREATE TABLE parted_other PARTITION OF parted DEFAULT`);
    const cells = [
      ['"x"', '1'],
      ['"y"', '1'],
    ];
    await store.publish(mergeOf({ table: 'parted', run: 'a', cells }));
    const receipt = await store.publish(mergeOf({ table: 'parted', run: 'b', at: SECOND, cells: [['"x"', '2']] }));
    expect(countsOf(receipt)).toEqual({ records: 1, rows: 1, updated: 1 });
    expect(await pricesOf('parted')).toEqual(['x 2', 'y 1']);
  });
});
