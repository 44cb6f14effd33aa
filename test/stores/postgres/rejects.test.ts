import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { parseTableName } from '../../../src/stores/postgres/table-name.js';
import { inBatches, loadOf, publicationOf, SECOND, SKU } from '../loads.js';
import { openUrl, withPostgres } from './with-postgres.js';

describe('rejects in postgres', () => {
  const postgres = withPostgres();

  it('of an older version are read and replayed, and marked from then on', async () => {
    const rejects = [{ execution: 'run-1', row: 4, reason: 'bad', raw: '{}' }];
    await postgres.store.publish(loadOf({ table: 'older', cells: [['"x"', '1']], rejects }));
    await postgres.client.query('ALTER TABLE titanflow.rejects DROP COLUMN replayed_at');
    const open = async (): Promise<readonly number[]> => {
      const rows: number[] = [];
      for await (const batch of postgres.store.rejects({ table: 'older' })) {
        rows.push(...batch.map(({ row }) => row));
      }
      return rows;
    };
    expect(await open()).toEqual([4]);
    const rows = inBatches([{ execution: 'run-1', row: 4, at: SECOND, cells: ['"y"'] }]);
    const { signal } = new AbortController();
    const replay = { table: 'older', run: 'run-1', columns: [SKU], rows, signal };
    const replaying = Array.from({ length: 3 }, () => postgres.store.replay({ ...replay, rows: inBatches([]) }));
    expect(await Promise.all([postgres.store.replay(replay), ...replaying])).toContainEqual(
      expect.objectContaining({ replayed: 1, inserted: 1 }),
    );
    expect(await open()).toEqual([]);
  });

  it.each(['shop.prices', '"a.b"."c ""d"" e"', 'Preise', `shop."it's"`])(
    'are found by the name of their table: %s',
    async (table) => {
      const rejects = [{ execution: 'run-1', row: 4, reason: 'bad', raw: '{}' }];
      await postgres.store.publish(loadOf({ table, cells: [['"x"', '1']], rejects }));
      const { value } = await postgres.store.rejects({ table })[Symbol.asyncIterator]().next();
      expect(value).toMatchObject([{ row: 4, table: parseTableName(table).qualified }]);
      const rows = inBatches([{ execution: 'run-1', row: 4, at: SECOND, cells: ['"y"'] }]);
      const { signal } = new AbortController();
      const replay = { table: value[0].table, run: 'run-1', columns: [SKU], rows, signal };
      expect(await postgres.store.replay(replay)).toMatchObject({ replayed: 1, inserted: 1 });
      expect(await postgres.store.lastRows(table, 'next')).toBe(1);
    },
  );

  it('that are nowhere to be replayed leave nothing in the database', async () => {
    await postgres.client.query('CREATE DATABASE empty_of_ours');
    const url = Object.assign(new URL(postgres.url), { pathname: '/empty_of_ours' }).href;
    const empty = openUrl(url);
    const { signal } = new AbortController();
    const replay = { table: 'prices', run: 'run-1', columns: [SKU], rows: inBatches([]), signal };
    await expect(empty.replay(replay)).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringMatching(/never/),
    });
    expect(await empty.lastRows('prices', 'run-1')).toBeUndefined();
    expect(await empty.rejects({})[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    await expect(empty.check(publicationOf({ table: 'prices' }), 'prices', [SKU])).resolves.toBeUndefined();
    const there = new Client({ connectionString: url });
    await there.connect();
    expect((await there.query(`SELECT to_regnamespace('titanflow') AS it`)).rows).toEqual([{ it: null }]);
    await there.end();
    await empty.close();
    await postgres.client.query('DROP DATABASE empty_of_ours');
  });
});
