import { describe, expect, it } from 'vitest';
import { countsOf, mergeOf, SECOND } from '../loads.js';
import { withPostgres } from './with-postgres.js';

describe.each([16, 18] as const)('a merge into postgres %d', (major) => {
  const postgres = withPostgres(major);
  const pricesOf = async (table: string): Promise<readonly unknown[]> =>
    (
      await postgres.client.query<{ sku: string; price: string }>(`SELECT sku, price FROM ${table} ORDER BY sku`)
    ).rows.map(({ sku, price }) => `${sku} ${price}`);

  it.each([
    ['changes a row', `UPDATE raced SET price = 5 WHERE sku = 'x'`],
    ['adds a row', `INSERT INTO raced VALUES ('z', 5, 'theirs', 0, '-infinity')`],
    ['takes a row away', `DELETE FROM raced WHERE sku = 'x'`],
  ])('wins over somebody who %s meanwhile', async (_, change) => {
    await postgres.client.query('DROP TABLE IF EXISTS raced');
    await postgres.store.publish(
      mergeOf({
        table: 'raced',
        run: `a ${change}`,
        cells: [
          ['"x"', '1'],
          ['"y"', '1'],
        ],
      }),
    );
    await postgres.client.query(`BEGIN; ${change}`);
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
    const merging = postgres.store.publish(load);
    await expect
      .poll(async () => (await postgres.client.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount, {
        timeout: 10_000,
      })
      .toBe(1);
    await postgres.client.query('COMMIT');
    expect(countsOf(await merging)).toMatchObject({ rows: 3 });
    expect(await pricesOf('raced')).toEqual(['x 2', 'y 2', 'z 2']);
  });

  it('finds each row in its partition', async () => {
    await postgres.client.query(`
      CREATE TABLE parted (sku text, price numeric) PARTITION BY LIST (sku);
      CREATE TABLE parted_x PARTITION OF parted FOR VALUES IN ('x');
      CREATE TABLE parted_other PARTITION OF parted DEFAULT`);
    const cells = [
      ['"x"', '1'],
      ['"y"', '1'],
    ];
    await postgres.store.publish(mergeOf({ table: 'parted', run: 'a', cells }));
    const receipt = await postgres.store.publish(
      mergeOf({ table: 'parted', run: 'b', at: SECOND, cells: [['"x"', '2']] }),
    );
    expect(countsOf(receipt)).toEqual({ records: 1, rows: 1, updated: 1 });
    expect(await pricesOf('parted')).toEqual(['x 2', 'y 1']);
  });
});
