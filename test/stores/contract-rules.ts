import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/stores/store.js';
import type { Contract } from './contract.js';
import {
  countsOf,
  FIRST,
  loadOf,
  mergeOf,
  PRICE,
  publicationOf,
  replaceOf,
  SECOND,
  SKU,
  type LoadSketch,
} from './loads.js';

export function describeRules({ store, under, newTable, prices }: Contract): void {
  /** Both doors refuse alike, and the table stays as it is. */
  const expectRefusal = async (sketch: LoadSketch, message: RegExp): Promise<void> => {
    const before = await under().readTable(sketch.table);
    const load = loadOf({ run: 'refused', at: SECOND, cells: [['"x"', '1']], ...sketch });
    const refusal = { name: 'StoreError', reason: 'rejected', message: expect.stringMatching(message) };
    await expect(store().check(load.publication, load.owner, load.columns)).rejects.toMatchObject(refusal);
    await expect(store().publish(load)).rejects.toMatchObject(refusal);
    expect(await under().readTable(sketch.table)).toEqual(before);
  };

  describe('a receipt', () => {
    it('is returned when a publication is repeated, by any worker, and the rows are not read', async () => {
      const table = newTable();
      const receipt = await store().publish(
        mergeOf({
          table,
          cells: [
            ['"x"', '1'],
            ['"x"', '2'],
            ['null', '3'],
          ],
        }),
      );
      const other = under().open();
      const again = mergeOf({
        table,
        rows: {
          [Symbol.asyncIterator]: () => {
            throw new Error('the rows were read');
          },
        },
      });
      expect(await other.publish(again)).toEqual(receipt);
      await other.close();
      expect(await prices(table)).toEqual([['x', '2']]);
    });

    it('stands for one mode and one key: another is refused, and both are named', async () => {
      const table = newTable();
      await store().publish(mergeOf({ table, cells: [['"x"', '1']] }));
      const refusal = (message: RegExp) => ({ reason: 'rejected', message: expect.stringMatching(message) });
      await expect(store().publish(loadOf({ table }))).rejects.toMatchObject(refusal(/merge by "sku".*append/));
      await expect(store().publish(mergeOf({ table, key: ['price'] }))).rejects.toMatchObject(
        refusal(/merge by "sku".*merge by "price"/),
      );
    });

    it('does not count when its table was dropped: the run is loaded again, and its owner forgotten', async () => {
      const table = newTable();
      const load = { table, cells: [['"x"', '1']], rejects: [{ execution: 'e', row: 7, reason: 'bad', raw: '{}' }] };
      await store().publish(replaceOf(load));
      await under().dropTable(table);
      expect(countsOf(await store().publish(replaceOf({ ...load, owner: 'others' })))).toMatchObject({ inserted: 1 });
      expect(await prices(table)).toEqual([['x', '1']]);
      expect(await under().readRejects(table, 'run-1')).toHaveLength(1);
    });

    it('is one for a run and a table: a run may fill two tables, two runs one', async () => {
      const [one, two] = [newTable(), newTable()];
      await store().publish(loadOf({ table: one, cells: [['"x"', '1']] }));
      expect(countsOf(await store().publish(loadOf({ table: two, cells: [['"x"', '1']] })))).toMatchObject({ rows: 1 });
      expect(countsOf(await store().publish(loadOf({ table: one, run: 'b', cells: [['"x"', '1']] })))).toMatchObject({
        rows: 1,
      });
    });
  });

  describe('a table', () => {
    it('may be replaced by its owner only; others append, or merge with the same key', async () => {
      const table = newTable();
      await store().publish(mergeOf({ table, run: 'a', cells: [['"x"', '1']] }));
      await expectRefusal({ table, mode: 'replace', owner: 'others' }, /belongs to "prices".*"others"/);
      await expectRefusal({ table, mode: 'merge', key: ['price'], owner: 'others' }, /by "sku".*by "price"/);
      await expectRefusal({ table, mode: 'merge', key: ['price'] }, /by "sku".*by "price"/);
      await store().publish(mergeOf({ table, run: 'b', owner: 'others', cells: [['"y"', '1']] }));
      await store().publish(loadOf({ table, run: 'c', owner: 'others', cells: [['"z"', '1']] }));
      await store().publish(replaceOf({ table, run: 'd', cells: [['"w"', '1']] }));
      expect(await prices(table)).toEqual([['w', '1']]);
    });

    it('whose column has another type is refused, and both types are named', async () => {
      const table = newTable();
      await store().publish(
        loadOf({ table, columns: [SKU, { name: 'price', type: 'text' }], cells: [['"x"', '"1"']] }),
      );
      await expectRefusal({ table, columns: [SKU, PRICE] }, /"price" is (text|VARCHAR).*numeric/);
      await store().check(publicationOf({ table }), 'prices', [SKU]);
      await store().check(publicationOf({ table }), 'prices', undefined);
    });

    it('that has a key twice cannot be merged into, nor can a merged one get a key twice', async () => {
      const table = newTable();
      await store().publish(
        loadOf({
          table,
          run: 'a',
          cells: [
            ['"x"', '1'],
            ['"x"', '2'],
            ['null', '3'],
            ['null', '3'],
          ],
        }),
      );
      await expectRefusal({ table, mode: 'merge', key: ['sku'] }, /several rows with the same key/);
      await store().publish(
        replaceOf({
          table,
          run: 'b',
          cells: [
            ['"x"', '1'],
            [undefined, '2'],
            [undefined, '3'],
          ],
        }),
      );
      await store().publish(mergeOf({ table, run: 'c', cells: [['"y"', '1']] }));
      for (const mode of ['append', 'replace'] as const) {
        const load = loadOf({
          table,
          run: mode,
          mode,
          cells: [
            ['"y"', '2'],
            ['"y"', '3'],
          ],
        });
        const published = await store()
          .publish(load)
          .catch((error: unknown) => error);
        const refusal = { reason: 'rejected' };
        const rejected = { rejected: mode === 'append' ? 2 : 1 };
        expect(published).toMatchObject(under().refusesRowsAlone === true ? rejected : refusal);
      }
      await store().publish(
        loadOf({
          table,
          run: 'd',
          cells: [
            ['"z"', '1'],
            ['null', '1'],
            ['null', '1'],
          ],
        }),
      );
      expect(await prices(table)).toHaveLength(under().refusesRowsAlone === true ? 4 : 7);
    });

    it('is judged by what it takes, before anything is published', async () => {
      const cells = [
        ['"a"', '1'],
        [undefined, '2'],
        ['null', '3'],
        ['"d"', '4'],
        ['"d"', '5'],
      ];
      const table = newTable();
      const judged: unknown[] = [];
      const load = {
        ...mergeOf({ table, cells }),
        judge: (counts: object, why?: string) => {
          judged.push([counts, why]);
          return 'too few';
        },
      };
      await expect(store().publish(load)).rejects.toMatchObject({ name: 'LoadHeld', message: 'too few' });
      expect(judged).toEqual([[{ records: 5, rejected: 2 }, 'key column "sku" is missing']]);
      expect(await under().readTable(table)).toBeUndefined();
      const rehearsed = await store().publish({ ...load, judge: () => undefined, isRehearsal: true });
      expect(rehearsed).toMatchObject({ records: 5, rows: 3, rejected: 2 });
      expect(await under().readTable(table)).toBeUndefined();
      await expect(store().publish({ ...load, isRehearsal: true })).rejects.toMatchObject({ name: 'LoadHeld' });
      const published = await store().publish({ ...load, judge: () => undefined });
      expect(countsOf(published)).toEqual({ records: 5, rows: 3, rejected: 2, inserted: 2, duplicates: 1 });
      // Whoever repeats it finds the receipt, whatever the gate would say.
      expect(await store().publish(load)).toEqual(published);
      expect(await prices(table)).toHaveLength(2);
    });

    it('is not made by a check', async () => {
      const table = newTable();
      await store().check(publicationOf({ table, mode: 'merge', key: ['sku'] }), 'prices', [SKU, PRICE]);
      expect(await under().readTable(table)).toBeUndefined();
    });
  });

  describe('a publication', () => {
    it('that merges needs a key that the rows have', async () => {
      const table = newTable();
      await expectRefusal({ table, mode: 'merge' }, /merge needs a key/);
      await expectRefusal({ table, mode: 'merge', key: ['sku', 'sku'] }, /twice/);
      await expectRefusal({ table, mode: 'merge', key: ['id'] }, /"id".*"sku", "price"/);
      await expectRefusal({ table, columns: [SKU, SKU] }, /twice the column "sku"/);
      await expectRefusal(
        { table, columns: [SKU, { name: '_titan_at', type: 'text' }] },
        /reserved column "_titan_at"/,
      );
    });

    it.each([
      'Prices',
      'größe 😀',
      `it's "quoted"`,
      'robert`); drop table students; --',
      'a b',
      '50% off?*',
      "'); DROP TABLE x; --",
      '__proto__',
      'constructor',
      'shop.prices',
      '..',
      '.',
      '',
      ' ',
      '.hidden',
      '_manifest.json',
      '../escape',
      'a/b',
      'a\\b',
      'a..b',
      'line\nbreak',
      'nul\0',
      'x'.repeat(300),
      'ü'.repeat(40),
      'titanflow.receipts',
      'pg_catalog.pg_class',
    ])('to a table named %j is published, or refused in one clear line', async (table) => {
      const load = loadOf({ table, cells: [['"x"', '1']], at: FIRST });
      const receipt = await store()
        .publish(load)
        .catch((error: unknown) => error);
      if (receipt instanceof Error) {
        expect(receipt).toBeInstanceOf(StoreError);
        expect(receipt).toMatchObject({ reason: 'rejected' });
        expect(receipt.message).toMatch(/^[^\n\0]+$/);
        await expect(store().check(load.publication, 'prices', load.columns)).rejects.toThrow(receipt.message);
        return;
      }
      expect(receipt).toMatchObject({ table, rows: 1 });
      expect(await prices(table)).toEqual([['x', '1']]);
    });
  });
}
