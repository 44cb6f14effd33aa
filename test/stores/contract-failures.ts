import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/domain/rows.js';
import type { Contract } from './contract.js';
import { countsOf, inBatches, loadOf, mergeOf, replaceOf, SECOND, type LoadSketch } from './loads.js';

export function describeFailures({ store, under, newTable, prices }: Contract): void {
  const row = (execution: string, position: number): Row => ({
    execution,
    row: position,
    at: SECOND,
    cells: [`"${execution}-${position}"`, '1'],
  });

  describe('a load that fails', () => {
    it.each(['append', 'replace', 'merge'] as const)('half way leaves the table as it was (%s)', async (mode) => {
      const table = newTable();
      const kind: LoadSketch = { table, mode, ...(mode === 'merge' ? { key: ['sku'] } : {}) };
      await store().publish(loadOf({ ...kind, cells: [['"x"', '1']] }));
      const lost = Object.assign(new Error('staging is gone'), { code: 'ENOENT', syscall: 'read' });
      async function* rows(): AsyncGenerator<readonly Row[]> {
        yield* inBatches([row('b', 0), row('b', 1), row('b', 2)]);
        throw lost;
      }
      await expect(store().publish(loadOf({ ...kind, run: 'b', at: SECOND, rows: rows(), records: 4 }))).rejects.toBe(
        lost,
      );
      expect(await prices(table)).toEqual([['x', '1']]);
      const again = loadOf({ ...kind, run: 'b', at: SECOND, rows: inBatches([row('b', 0)]), records: 1 });
      expect(countsOf(await store().publish(again))).toMatchObject({ inserted: 1 });
    });

    it('at first leaves no table', async () => {
      const table = newTable();
      const rows = failing(new Error('no rows'));
      await expect(store().publish(loadOf({ table, rows, records: 1 }))).rejects.toThrow('no rows');
      expect(await under().readTable(table)).toBeUndefined();
    });

    it('because fewer rows or rejects came than were announced publishes nothing', async () => {
      const table = newTable();
      const short = loadOf({ table, cells: [['"x"', '1']], records: 2 });
      await expect(store().publish(short)).rejects.toThrow(/announced 2 rows and 0 rejects, but 1 and 0 came/);
      const rejectless = loadOf({ table, cells: [['"x"', '1']], records: 2, rejected: 1 });
      await expect(store().publish(rejectless)).rejects.toThrow(/announced 1 rows and 1 rejects, but 1 and 0 came/);
      expect(await under().readTable(table)).toBeUndefined();
    });
  });

  describe('an abort', () => {
    it.each(['append', 'replace', 'merge'] as const)('in the middle leaves nothing (%s)', async (mode) => {
      const table = newTable();
      const kind: LoadSketch = { table, mode, ...(mode === 'merge' ? { key: ['sku'] } : {}) };
      await store().publish(loadOf({ ...kind, cells: [['"x"', '1']] }));
      const abort = new AbortController();
      const reason = new Error('the run was cancelled');
      async function* rows(): AsyncGenerator<readonly Row[]> {
        yield [row('b', 0)];
        abort.abort(reason);
        yield [row('b', 1)];
      }
      const load = loadOf({ ...kind, run: 'b', at: SECOND, rows: rows(), records: 2, signal: abort.signal });
      await expect(store().publish(load)).rejects.toBe(reason);
      expect(await prices(table)).toEqual([['x', '1']]);
      const again = loadOf({ ...kind, run: 'b', at: SECOND, rows: inBatches([row('b', 0)]), records: 1 });
      expect(countsOf(await store().publish(again))).toMatchObject({ inserted: 1 });
    });

    it('ends a load whose rows hang, and one that waits its turn; the next one goes ahead', async () => {
      const table = newTable();
      const [first, second] = [new AbortController(), new AbortController()];
      let started = (): void => undefined;
      const isReading = new Promise<void>((resolve) => {
        started = resolve;
      });
      async function* hanging(): AsyncGenerator<readonly Row[]> {
        yield [row('a', 0)];
        started();
        await new Promise(() => undefined);
      }
      const stuck = store().publish(loadOf({ table, run: 'a', rows: hanging(), records: 2, signal: first.signal }));
      await isReading;
      const waiting = store().publish(loadOf({ table, run: 'b', cells: [['"b"', '1']], signal: second.signal }));
      second.abort(new Error('second'));
      await expect(waiting).rejects.toThrow('second');
      first.abort(new Error('first'));
      await expect(stuck).rejects.toThrow('first');
      await store().publish(loadOf({ table, run: 'c', cells: [['"c"', '1']] }));
      expect(await prices(table)).toEqual([['c', '1']]);
    });

    it('before the start does nothing', async () => {
      const table = newTable();
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(store().publish(loadOf({ table, cells: [['"x"', '1']], signal }))).rejects.toThrow('too late');
      expect(await under().readTable(table)).toBeUndefined();
    });
  });

  describe('two loads at once', () => {
    it('to one new table, from two workers, lose nothing of each other', async () => {
      const table = newTable();
      const other = under().open();
      const runs = ['a', 'b', 'c', 'd'];
      await Promise.all(
        runs.map((run, index) =>
          (index % 2 === 0 ? other : store()).publish(loadOf({ table, run, cells: [[`"${run}"`, '1']] })),
        ),
      );
      await other.close();
      expect(await prices(table)).toEqual(runs.map((run) => [run, '1']));
    });

    it('that merge the same keys leave the newest', async () => {
      const table = newTable();
      const runs = ['a', 'b', 'c'].map((run, index) => ({ run, at: `2026-01-0${index + 1}T00:00:00Z` }));
      await Promise.all(
        runs.map(({ run, at }) =>
          store().publish(mergeOf({ table, run, at, cells: [['"x"', `"${run}"`]], columns: TEXTS })),
        ),
      );
      expect(await prices(table)).toEqual([['x', 'c']]);
    });

    it('of one run publish once', async () => {
      const table = newTable();
      const load = { table, cells: [['"x"', '1']] };
      const receipts = await Promise.all([store().publish(loadOf(load)), store().publish(loadOf(load))]);
      expect(receipts[0]).toEqual(receipts[1]);
      expect(await prices(table)).toEqual([['x', '1']]);
    });

    it('that replace leave one of them, whole', async () => {
      const table = newTable();
      const loads = ['a', 'b'].map((run) =>
        replaceOf({
          table,
          run,
          cells: [
            [`"${run}"`, '1'],
            [`"${run}"`, '2'],
          ],
        }),
      );
      await Promise.all(loads.map((load) => store().publish(load)));
      const skus = (await prices(table))?.map(([sku]) => sku);
      expect([
        ['a', 'a'],
        ['b', 'b'],
      ]).toContainEqual(skus);
    });
  });
}

const TEXTS = [
  { name: 'sku', type: 'text' },
  { name: 'price', type: 'text' },
] as const;

async function* failing(error: Error): AsyncGenerator<readonly Row[]> {
  yield [];
  throw error;
}
