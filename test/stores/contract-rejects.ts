import { describe, expect, it } from 'vitest';
import type { Reject, Row } from '../../src/domain/rows.js';
import type { KeptReject, RejectFilter, Replay } from '../../src/stores/store.js';
import type { Contract } from './contract.js';
import { FIRST, inBatches, loadOf, mergeOf, PRICE, replaceOf, SECOND, SKU, THIRD } from './loads.js';

const badPrice = (row: number, execution = 'run-1'): Reject => ({
  execution,
  row,
  reason: '/price: must be number',
  raw: `{"sku":"bad-${row}","price":"${row} EUR"}`,
});

/** What the reject of this row is mended to. */
const mended = (row: number, cells: Row['cells'] = [`"bad-${row}"`, String(row)], at = FIRST): Row => ({
  execution: 'run-1',
  row,
  at,
  cells,
});

const replayOf = (table: string, rows: readonly Row[], more: Partial<Replay> = {}): Replay => ({
  table,
  run: 'run-1',
  columns: [SKU, PRICE],
  rows: inBatches(rows),
  signal: new AbortController().signal,
  ...more,
});

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const batch of batches) {
    found.push(...batch);
  }
  return found;
}

export function describeRejects({ store, under, newTable }: Contract): void {
  const kept = (filter: RejectFilter): Promise<readonly KeptReject[]> => all(store().rejects(filter));
  const idsOf = async (filter: RejectFilter): Promise<readonly unknown[]> =>
    (await kept(filter)).map(({ run, execution, row }) => [run, execution, row]);

  describe('rejects', () => {
    it('are kept with reason, raw text and row, and when their execution was made', async () => {
      const table = newTable();
      const reject = { execution: 'e-1', row: 3, reason: 'bad "price"', raw: '{ "a":\t1e3, "b":"\\n\u2028é" }' };
      await store().publish(loadOf({ table, at: SECOND, cells: [['"x"', '1']], rejects: [reject] }));
      const [found, ...more] = await kept({ table });
      expect(found).toMatchObject({ ...reject, run: 'run-1' });
      expect(found).not.toHaveProperty('replayedAt');
      expect(Date.parse(found?.at ?? '')).toBe(Date.parse(SECOND));
      expect(more).toEqual([]);
      expect(await kept({ table: found?.table ?? '' })).toEqual([found]);
    });

    it('are listed by run and by table, those of one run together', async () => {
      const [one, two] = [newTable(), newTable()];
      const rejects = [badPrice(9, 'e-1'), badPrice(10, 'e-1'), badPrice(2, 'e-2')];
      await store().publish(loadOf({ table: one, run: 'listed-a', rejects }));
      await store().publish(loadOf({ table: one, run: 'listed-b', rejects: [badPrice(1, 'e-3')] }));
      await store().publish(loadOf({ table: two, run: 'listed-a', rejects: [badPrice(4, 'e-1')] }));
      const ofA = [
        ['listed-a', 'e-1', 9],
        ['listed-a', 'e-1', 10],
        ['listed-a', 'e-2', 2],
      ];
      expect(await idsOf({ table: one, run: 'listed-a' })).toEqual(ofA);
      expect(await idsOf({ table: two })).toEqual([['listed-a', 'e-1', 4]]);
      expect(await idsOf({ table: one })).toHaveLength(4);
      expect(await idsOf({ run: 'listed-a' })).toHaveLength(4);
      expect(await idsOf({ run: 'nobody' })).toEqual([]);
      expect(await idsOf({ table: newTable() })).toEqual([]);
    });

    it('come in batches that memory can hold, however many and long they are', async () => {
      const table = newTable();
      const long = (row: number): Reject => ({ ...badPrice(row), raw: JSON.stringify('x'.repeat(1 << 20)) });
      const rejects = Array.from({ length: 1_200 }, (_, row) => (row % 100 === 0 ? long(row) : badPrice(row)));
      await store().publish(loadOf({ table, rejects }));
      const rows: number[] = [];
      for await (const batch of store().rejects({ table })) {
        expect(batch.reduce((bytes, { raw }) => bytes + raw.length, 0)).toBeLessThan(10 << 20);
        rows.push(...batch.map(({ row }) => row));
      }
      expect(rows).toEqual(rejects.map(({ row }) => row));
    });

    it('go with a table that is dropped, and are not kept where a newer replace was there first', async () => {
      const table = newTable();
      await store().publish(replaceOf({ table, run: 'new', at: THIRD, cells: [['"x"', '1']] }));
      await store().publish(replaceOf({ table, run: 'old', at: FIRST, rejects: [badPrice(1)] }));
      expect(await kept({ table })).toEqual([]);
      await store().publish(loadOf({ table, run: 'more', rejects: [badPrice(1)] }));
      await under().dropTable(table);
      expect(await kept({ table })).toEqual([]);
    });
  });

  describe('the rows of the last publication', () => {
    it('are those of another run that was not superseded', async () => {
      const table = newTable();
      expect(await store().lastRows(table, 'next')).toBeUndefined();
      await store().publish(replaceOf({ table, run: 'a', at: SECOND, cells: [['"x"'], ['"y"'], ['"z"']] }));
      expect(await store().lastRows(table, 'a')).toBeUndefined();
      expect(await store().lastRows(table, 'next')).toBe(3);
      await store().publish(replaceOf({ table, run: 'late', at: FIRST, cells: [['"x"']] }));
      expect(await store().lastRows(table, 'next')).toBe(3);
      await store().publish(
        replaceOf({ table, run: 'b', at: THIRD, cells: [['"x"'], ['"y"']], rejects: [badPrice(7)] }),
      );
      expect(await store().lastRows(table, 'next')).toBe(2);
      expect(await store().lastRows(table, 'b')).toBe(3);
      await under().dropTable(table);
      expect(await store().lastRows(table, 'next')).toBeUndefined();
    });
  });
}

export function describeReplay({ store, under, newTable, prices }: Contract): void {
  const openRows = async (table: string): Promise<readonly unknown[]> =>
    (await all(store().rejects({ table }))).map(({ row, reason }) => [row, reason]);
  const newTableWith = async (rejects: readonly Reject[], mode: typeof loadOf = loadOf): Promise<string> => {
    const table = newTable();
    await store().publish(mode({ table, cells: [['"x"', '100']], rejects }));
    return table;
  };
  const nothing = { inserted: 0, updated: 0, unchanged: 0, duplicates: 0 };

  describe('a replay', () => {
    it('adds exactly the mended rows under their own provenance, and marks their rejects', async () => {
      const table = await newTableWith([badPrice(1), badPrice(2), badPrice(3)]);
      const receipt = await store().replay(replayOf(table, [mended(1), mended(3)]));
      expect(receipt).toEqual({ ...nothing, superseded: false, replayed: 2, already: 0, rejected: 0, inserted: 2 });
      expect(await under().readTable(table)).toEqual([
        { sku: 'x', price: '100', _titan_execution: 'run-1', _titan_row: '0' },
        { sku: 'bad-1', price: '1', _titan_execution: 'run-1', _titan_row: '1' },
        { sku: 'bad-3', price: '3', _titan_execution: 'run-1', _titan_row: '3' },
      ]);
      expect(await openRows(table)).toEqual([[2, '/price: must be number']]);
      const found = await all(store().rejects({ table, replayed: true }));
      expect(found.map(({ row, replayedAt }) => [row, replayedAt !== undefined])).toEqual([
        [1, true],
        [2, false],
        [3, true],
      ]);
    });

    it('that is repeated adds none, and takes what was mended since', async () => {
      const table = await newTableWith([badPrice(1), badPrice(2)]);
      await store().replay(replayOf(table, [mended(1)]));
      const again = await store().replay(replayOf(table, [mended(1)]));
      expect(again).toEqual({ ...nothing, superseded: false, replayed: 0, already: 1, rejected: 0 });
      const more = await store().replay(replayOf(table, [mended(1), mended(2)]));
      expect(more).toMatchObject({ replayed: 1, already: 1, inserted: 1 });
      expect(await prices(table)).toEqual([
        ['x', '100'],
        ['bad-1', '1'],
        ['bad-2', '2'],
      ]);
    });

    it('runs once, however many start it at once', async () => {
      const rows = Array.from({ length: 50 }, (_, row) => row + 1);
      const table = await newTableWith(rows.map((row) => badPrice(row)));
      const others = [under().open(), under().open(), under().open()];
      const receipts = await Promise.all(
        others.map((other) =>
          other.replay(
            replayOf(
              table,
              rows.map((row) => mended(row)),
            ),
          ),
        ),
      );
      await Promise.all(others.map((other) => other.close()));
      const sums = receipts.map(({ replayed, already, inserted }) => `${replayed} ${already} ${inserted}`);
      expect(sums.toSorted()).toEqual(['0 50 0', '0 50 0', '50 0 50']);
      expect(await prices(table)).toHaveLength(51);
    });

    it('can read the rejects that it replays from the same store meanwhile', async () => {
      const rejects = Array.from({ length: 1_500 }, (_, row) => badPrice(row));
      const table = await newTableWith(rejects);
      async function* rows(): AsyncGenerator<readonly Row[]> {
        for await (const batch of store().rejects({ table })) {
          yield batch.map(({ row, at }) => mended(row, [`"bad-${row}"`, String(row)], at));
        }
      }
      expect(await store().replay(replayOf(table, [], { rows: rows() }))).toMatchObject({ replayed: 1_500 });
      expect(await prices(table)).toHaveLength(1_501);
      expect(await openRows(table)).toEqual([]);
    });

    it('is merged where its run was: an older mended row does not beat a newer one', async () => {
      const table = await newTableWith([badPrice(1), badPrice(2), badPrice(3), badPrice(4)], mergeOf);
      await store().publish(mergeOf({ table, run: 'newer', at: THIRD, cells: [['"bad-1"', '999']] }));
      const rows = [mended(1), mended(2), mended(3, ['"x"', '5']), mended(4, ['"bad-2"', '4'])];
      const receipt = await store().replay(replayOf(table, rows));
      expect(receipt).toMatchObject({ replayed: 4, inserted: 1, updated: 1, unchanged: 1, duplicates: 1 });
      expect(Object.fromEntries((await prices(table)) ?? [])).toEqual({ 'bad-1': '999', 'bad-2': '4', x: '5' });
      expect(await openRows(table)).toEqual([]);
    });

    it('joins the rows of the replace that its run was, and counts for nothing once a newer one was there', async () => {
      const table = await newTableWith([badPrice(1), badPrice(2)], replaceOf);
      expect(await store().replay(replayOf(table, [mended(1)]))).toMatchObject({ inserted: 1, superseded: false });
      expect(await prices(table)).toHaveLength(2);
      await store().publish(replaceOf({ table, run: 'newer', at: SECOND, cells: [['"new"', '1']] }));
      const late = await store().replay(replayOf(table, [mended(1), mended(2)]));
      expect(late).toEqual({ ...nothing, superseded: true, replayed: 0, already: 0, rejected: 0 });
      expect(await prices(table)).toEqual([['new', '1']]);
      expect(await openRows(table)).toHaveLength(1);
    });

    it('leaves what the store cannot take a reject, with the new reason', async () => {
      const table = await newTableWith([badPrice(1), badPrice(2)], mergeOf);
      const receipt = await store().replay(replayOf(table, [mended(1, ['null', '1']), mended(2)]));
      expect(receipt).toMatchObject({ replayed: 1, rejected: 1, inserted: 1 });
      expect(await openRows(table)).toEqual([[1, expect.stringMatching(/key column "sku" is null/)]]);
      expect(await store().replay(replayOf(table, [mended(1, ['"one"', '1'])]))).toMatchObject({ replayed: 1 });
      expect(await prices(table)).toHaveLength(3);
    });

    it('brings new columns along', async () => {
      const table = await newTableWith([badPrice(1)]);
      const columns = [SKU, PRICE, { name: 'currency', type: 'text' as const }];
      await store().replay(replayOf(table, [mended(1, ['"bad-1"', '1', '"EUR"'])], { columns }));
      expect((await under().readTable(table))?.map(({ currency }) => currency)).toEqual([null, 'EUR']);
    });

    it('is refused for a table that was dropped, a run without a receipt, and rows that were no rejects', async () => {
      const table = await newTableWith([badPrice(1)]);
      const refusal = { name: 'StoreError', reason: 'rejected' };
      const stranger = store().replay(replayOf(table, [mended(1), mended(2)]));
      await expect(stranger).rejects.toMatchObject({ ...refusal, message: expect.stringMatching(/row 2/) });
      const twice = store().replay(replayOf(table, [mended(1), mended(1)]));
      await expect(twice).rejects.toMatchObject(refusal);
      const clash = replayOf(table, [mended(1)], { columns: [SKU, { name: 'price', type: 'boolean' }] });
      await expect(store().replay(clash)).rejects.toMatchObject(refusal);
      const nobody = store().replay(replayOf(table, [], { run: 'nobody' }));
      await expect(nobody).rejects.toMatchObject({ ...refusal, message: expect.stringMatching(/nobody/) });
      expect(await prices(table)).toEqual([['x', '100']]);
      expect(await openRows(table)).toHaveLength(1);
      await under().dropTable(table);
      await expect(store().replay(replayOf(table, [mended(1)]))).rejects.toMatchObject(refusal);
      expect(await under().readTable(table)).toBeUndefined();
    });

    it('that fails half way, or is aborted, changes nothing', async () => {
      const table = await newTableWith([badPrice(1), badPrice(2)]);
      async function* broken(): AsyncGenerator<readonly Row[]> {
        yield [mended(1)];
        throw new Error('the rows are gone');
      }
      await expect(store().replay(replayOf(table, [], { rows: broken() }))).rejects.toThrow('the rows are gone');
      const abort = new AbortController();
      async function* aborting(): AsyncGenerator<readonly Row[]> {
        yield [mended(1)];
        abort.abort(new Error('stopped'));
        yield [mended(2)];
      }
      const aborted = replayOf(table, [], { rows: aborting(), signal: abort.signal });
      await expect(store().replay(aborted)).rejects.toThrow('stopped');
      expect(await prices(table)).toEqual([['x', '100']]);
      expect(await openRows(table)).toHaveLength(2);
      expect(await store().replay(replayOf(table, [mended(1), mended(2)]))).toMatchObject({ replayed: 2 });
    });
  });
}
