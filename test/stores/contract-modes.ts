import { describe, expect, it } from 'vitest';
import type { Contract } from './contract.js';
import { countsOf, FIRST, loadOf, mergeOf, PRICE, replaceOf, SECOND, SKU, THIRD } from './loads.js';

export function describeModes({ store, under, newTable, prices }: Contract): void {
  describe('append', () => {
    it('adds the rows of every run, each with where it came from', async () => {
      const table = newTable();
      const first = await store().publish(
        loadOf({
          table,
          run: 'a',
          cells: [
            ['"x"', '1'],
            ['"x"', '1'],
            ['"y"', '2'],
          ],
        }),
      );
      await store().publish(loadOf({ table, run: 'b', owner: 'others', cells: [['"x"', '3']] }));
      expect(first).toEqual({
        store: 'here',
        table,
        mode: 'append',
        superseded: false,
        records: 3,
        rows: 3,
        rejected: 0,
        inserted: 3,
        updated: 0,
        unchanged: 0,
        duplicates: 0,
      });
      const rows = await under().readTable(table);
      expect(rows?.map((row) => [row['sku'], row['price'], row['_titan_execution'], row['_titan_row']])).toEqual([
        ['x', '1', 'a', '0'],
        ['x', '1', 'a', '1'],
        ['y', '2', 'a', '2'],
        ['x', '3', 'b', '0'],
      ]);
    });

    it('makes the table of an empty load, and tells how many rows have gone', async () => {
      const table = newTable();
      const receipt = await store().publish(loadOf({ table }));
      expect(countsOf(receipt)).toEqual({});
      expect(await prices(table)).toEqual([]);
      const told: number[] = [];
      const cells = [['"a"'], ['"b"'], ['"c"']];
      await store().publish(loadOf({ table, run: 'b', cells, onProgress: (rows) => told.push(rows) }));
      expect(told).toEqual([2, 3]);
    });
  });

  describe('replace', () => {
    it('leaves exactly the rows of the last run', async () => {
      const table = newTable();
      await store().publish(
        replaceOf({
          table,
          run: 'a',
          cells: [
            ['"x"', '1'],
            ['"y"', '2'],
          ],
        }),
      );
      const receipt = await store().publish(replaceOf({ table, run: 'b', at: SECOND, cells: [['"z"', '3']] }));
      expect(countsOf(receipt)).toEqual({ records: 1, rows: 1, inserted: 1 });
      expect(await prices(table)).toEqual([['z', '3']]);
      await store().publish(replaceOf({ table, run: 'c', at: THIRD }));
      expect(await prices(table)).toEqual([]);
    });

    it('that is older than the last one is superseded: it changes nothing, now and when repeated', async () => {
      const table = newTable();
      await store().publish(replaceOf({ table, run: 'new', at: SECOND, cells: [['"new"', '1']] }));
      const old = { table, run: 'old', at: FIRST, cells: [['"old"', '1']] };
      const receipt = await store().publish(replaceOf(old));
      expect(receipt).toMatchObject({ superseded: true, records: 1, rows: 1, unchanged: 1, inserted: 0 });
      expect(await store().publish(replaceOf(old))).toEqual(receipt);
      expect(await prices(table)).toEqual([['new', '1']]);
    });

    it('goes by replaces only: newer rows that were appended give way', async () => {
      const table = newTable();
      await store().publish(loadOf({ table, run: 'a', at: THIRD, cells: [['"x"', '1']] }));
      await store().publish(replaceOf({ table, run: 'b', at: FIRST, cells: [['"y"', '2']] }));
      expect(await prices(table)).toEqual([['y', '2']]);
    });
  });

  describe('merge', () => {
    it('leaves one row per key, the newest, whatever order the runs arrive in', async () => {
      const [forwards, backwards] = [newTable(), newTable()];
      const runs = [
        {
          run: 'a',
          at: FIRST,
          cells: [
            ['"x"', '1'],
            ['"y"', '1'],
          ],
        },
        {
          run: 'b',
          at: SECOND,
          cells: [
            ['"y"', '2'],
            ['"z"', '2'],
          ],
        },
        { run: 'c', at: THIRD, cells: [['"z"', '3']] },
      ];
      for (const run of runs) {
        await store().publish(mergeOf({ table: forwards, ...run }));
      }
      for (const run of runs.toReversed()) {
        await store().publish(mergeOf({ table: backwards, ...run }));
      }
      const expected = [
        ['x', '1'],
        ['y', '2'],
        ['z', '3'],
      ];
      expect(await prices(forwards)).toEqual(expected);
      expect(await prices(backwards)).toEqual(expected);
    });

    it('counts what is new, what changed, what did not and what came twice', async () => {
      const table = newTable();
      await store().publish(
        mergeOf({
          table,
          run: 'a',
          cells: [
            ['"same"', '1.10'],
            ['"other"', '1'],
            ['"gone"', '1'],
          ],
        }),
      );
      const cells = [
        ['"same"', '1.10'],
        ['"other"', '1'],
        ['"new"', '1'],
        ['"other"', '2'],
      ];
      const receipt = await store().publish(mergeOf({ table, run: 'b', at: SECOND, cells }));
      expect(countsOf(receipt)).toEqual({
        records: 4,
        rows: 4,
        inserted: 1,
        updated: 1,
        unchanged: 1,
        duplicates: 1,
      });
      const rows = await under().readTable(table);
      expect(rows?.map((row) => [row['sku'], row['price'], row['_titan_execution'], row['_titan_row']])).toEqual([
        ['gone', '1', 'a', '2'],
        ['same', under().number('1.10'), 'b', '0'],
        ['new', '1', 'b', '2'],
        ['other', '2', 'b', '3'],
      ]);
    });

    it('takes nothing from rows that come late and are older', async () => {
      const table = newTable();
      await store().publish(mergeOf({ table, run: 'new', at: SECOND, cells: [['"x"', '2']] }));
      const receipt = await store().publish(mergeOf({ table, run: 'old', at: FIRST, cells: [['"x"', '1']] }));
      expect(countsOf(receipt)).toEqual({ records: 1, rows: 1, unchanged: 1 });
      expect(await prices(table)).toEqual([['x', '2']]);
    });

    it('lets an equal row that is newer win over a row between the two', async () => {
      const table = newTable();
      await store().publish(mergeOf({ table, run: 'a', at: FIRST, cells: [['"x"', '1']] }));
      const again = await store().publish(mergeOf({ table, run: 'c', at: THIRD, cells: [['"x"', '1']] }));
      expect(countsOf(again)).toEqual({ records: 1, rows: 1, unchanged: 1 });
      await store().publish(mergeOf({ table, run: 'b', at: SECOND, cells: [['"x"', '2']] }));
      expect(await prices(table)).toEqual([['x', '1']]);
    });

    it('takes a row whole: a column that the newest lacks is null', async () => {
      const table = newTable();
      await store().publish(
        mergeOf({
          table,
          run: 'a',
          cells: [
            ['"x"', '1'],
            ['"y"', '1'],
          ],
        }),
      );
      const receipt = await store().publish(mergeOf({ table, run: 'b', at: SECOND, columns: [SKU], cells: [['"x"']] }));
      expect(countsOf(receipt)).toMatchObject({ updated: 1 });
      expect(await prices(table)).toEqual([
        ['y', '1'],
        ['x', null],
      ]);
    });

    it('knows equal keys by their value, and keys of several columns by all of them', async () => {
      const table = newTable();
      const columns = [SKU, PRICE, { name: 'seen', type: 'timestamptz' } as const];
      const key = ['price', 'sku', 'seen'];
      const seen = '"2026-01-01T12:00:00+02:00"';
      const cells = [
        ['"A"', '1.0', seen],
        [String.raw`"\u0041"`, '10e-1', '"2026-01-01T10:00:00.000Z"'],
        ['"A"', '2', seen],
      ];
      const receipt = await store().publish(mergeOf({ table, key, columns, cells }));
      expect(countsOf(receipt)).toMatchObject({ inserted: 2, duplicates: 1 });
    });

    it('makes rejects of rows whose key is null, missing or too long', async () => {
      const table = newTable();
      const columns = [SKU, PRICE, { name: '_titan_extra', type: 'jsonb' } as const];
      const long = `"${'k'.repeat(3000)}"`;
      const cells = [
        ['null', '1.10', '{"more": 1}'],
        [undefined, '2'],
        [long, '3'],
        ['"x"', '4'],
      ];
      const mine = { execution: 'run-1', row: 9, reason: 'no price', raw: '{"sku":"y"}' };
      const receipt = await store().publish(mergeOf({ table, columns, cells, rejects: [mine] }));
      expect(countsOf(receipt)).toEqual({ records: 5, rows: 1, rejected: 4, inserted: 1 });
      expect(await under().readRejects(table, 'run-1')).toEqual([
        { execution: 'run-1', row: 0, reason: 'key column "sku" is null', raw: '{"sku":null,"price":1.10,"more": 1}' },
        { execution: 'run-1', row: 1, reason: 'key column "sku" is missing', raw: '{"price":2}' },
        {
          execution: 'run-1',
          row: 2,
          reason: 'key is too long: 3008 bytes, 2600 are possible',
          raw: `{"sku":${long},"price":3}`,
        },
        mine,
      ]);
    });

    it('is as good as append on rows that are all new, with the longest key that is possible', async () => {
      const table = newTable();
      let seed = 1;
      const random = Array.from({ length: 2592 }, () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return String.fromCharCode(33 + (seed % 90)).replaceAll(/["\\]/g, '_');
      });
      await store().publish(mergeOf({ table, cells: [[`"${random.join('')}"`, '1']] }));
      expect(await prices(table)).toEqual([[random.join(''), '1']]);
    });
  });

  describe('columns', () => {
    it('are added when a load brings new ones, and stay when a load lacks them', async () => {
      const table = newTable();
      await store().publish(loadOf({ table, run: 'a', columns: [SKU], cells: [['"x"']] }));
      await store().publish(loadOf({ table, run: 'b', columns: [PRICE, SKU], cells: [['2', '"y"']] }));
      await store().publish(loadOf({ table, run: 'c', columns: [SKU], cells: [['"z"']] }));
      expect(await prices(table)).toEqual([
        ['x', null],
        ['y', '2'],
        ['z', null],
      ]);
    });

    it('keep a type that loses nothing', async () => {
      const table = newTable();
      const typed = (type: 'numeric' | 'bigint' | 'jsonb' | 'text', name = 'price') => [SKU, { name, type } as const];
      await store().publish(loadOf({ table, run: 'a', columns: typed('numeric'), cells: [['"x"', '1.50']] }));
      await store().publish(
        loadOf({ table, run: 'b', columns: typed('bigint'), cells: [['"y"', '9007199254740992']] }),
      );
      expect(await prices(table)).toEqual([
        ['x', under().number('1.50')],
        ['y', '9007199254740992'],
      ]);
    });
  });
}
