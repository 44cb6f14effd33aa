import { describe, expect, it } from 'vitest';
import type { Column, Guess } from '../../src/domain/rows.js';
import type { Contract } from './contract.js';
import { FIRST, inBatches, loadOf, mergeOf, publicationOf, replaceOf, SKU } from './loads.js';

const guessed = (name: string, type: Column['type'], guess: Guess = 'type'): Column => ({ name, type, guess });

/** What a task without a schema brings day by day. */
const DAYS = [
  { columns: [guessed('price', 'bigint'), guessed('rating', 'text', 'empty')], cells: ['10', 'null'] },
  { columns: [guessed('price', 'numeric'), guessed('rating', 'text', 'empty')], cells: ['10.5', 'null'] },
  { columns: [guessed('price', 'bigint'), guessed('rating', 'numeric')], cells: ['11', '4.5'] },
  { columns: [guessed('price', 'text'), guessed('rating', 'text', 'empty')], cells: ['"n/a"', 'null'] },
  { columns: [guessed('price', 'boolean'), guessed('rating', 'numeric')], cells: ['true', '5'] },
] as const;

export function describeGuesses({ store, under, newTable }: Contract): void {
  describe('a type that was guessed', () => {
    it.each(['append', 'merge'] as const)('widens, and the receipt says so: %s', async (mode) => {
      const table = newTable();
      const told: (readonly string[] | undefined)[] = [];
      for (const [day, { columns, cells }] of DAYS.entries()) {
        const load = loadOf({
          table,
          mode,
          key: ['sku'],
          run: `day-${day}`,
          at: `2026-01-0${day + 1}T00:00:00Z`,
          columns: [guessed('sku', 'text'), ...columns],
          cells: [[`"s${day}"`, ...cells]],
        });
        await store().check(load.publication, load.owner, load.columns);
        const receipt = await store().publish(load);
        expect(receipt).toMatchObject({ rows: 1, inserted: 1, rejected: 0 });
        expect(await store().publish(load)).toEqual(receipt);
        told.push(receipt.widened);
      }
      expect(told).toEqual([
        undefined,
        ['price: bigint to numeric'],
        ['rating: text to numeric'],
        ['price: numeric to text'],
        undefined,
      ]);
      const rows = await under().readTable(table);
      expect(rows?.map(({ price, rating }) => [Number(price) || price, rating && Number(rating)])).toEqual([
        [10, null],
        [10.5, null],
        [11, 4.5],
        ['n/a', null],
        ['true', 5],
      ]);
    });

    it('gives way to a schema, and a schema to none', async () => {
      const table = newTable();
      const at = (day: number) => `2026-01-0${day}T00:00:00Z`;
      const publish = (day: number, price: Column, cell: string) =>
        store().publish(
          loadOf({ table, run: `run-${day}`, at: at(day), columns: [SKU, price], cells: [[`"s${day}"`, cell]] }),
        );
      await publish(1, guessed('price', 'bigint'), '1');
      expect(await publish(2, { name: 'price', type: 'numeric' }, '1.5')).toMatchObject({
        widened: ['price: bigint to numeric'],
      });
      await expect(publish(3, guessed('price', 'text'), '"n/a"')).rejects.toMatchObject({ reason: 'rejected' });
      await publish(4, guessed('price', 'text', 'empty'), 'null');
      expect(await under().readTable(table)).toHaveLength(3);
    });

    it('is remembered by a replay, too', async () => {
      const table = newTable();
      const columns = [guessed('sku', 'text'), guessed('price', 'bigint')];
      const rejects = [{ execution: 'run-1', row: 1, reason: 'bad', raw: '{}' }];
      await store().publish(loadOf({ table, columns, cells: [['"a"', '1']], rejects }));
      const cells = ['"b"', '1.5'];
      const replayed = await store().replay({
        table,
        run: 'run-1',
        columns: [guessed('sku', 'text'), guessed('price', 'numeric')],
        rows: inBatches([{ execution: 'run-1', row: 1, at: FIRST, cells }]),
        signal: new AbortController().signal,
      });
      expect(replayed).toMatchObject({ replayed: 1, inserted: 1 });
      const text = [guessed('sku', 'text'), guessed('price', 'text')];
      const next = loadOf({ table, run: 'next', columns: text, cells: [['"c"', '"n/a"']] });
      expect(await store().publish(next)).toMatchObject({ widened: ['price: numeric to text'] });
    });

    it('is no clash for a check or a replace', async () => {
      const table = newTable();
      const columns = [guessed('sku', 'text'), guessed('price', 'bigint')];
      await store().publish(replaceOf({ table, columns, cells: [['"a"', '1']] }));
      const text = [guessed('sku', 'text'), guessed('price', 'text')];
      await store().check(publicationOf({ table, mode: 'replace' }), 'prices', text);
      const next = replaceOf({
        table,
        run: 'next',
        at: '2026-02-01T00:00:00Z',
        columns: text,
        cells: [['"b"', '"x"']],
      });
      expect(await store().publish(next)).toMatchObject({ rows: 1, widened: ['price: bigint to text'] });
      const merged = mergeOf({
        table,
        run: 'merged',
        at: '2026-02-02T00:00:00Z',
        columns: text,
        cells: [['"b"', '"y"']],
      });
      expect(await store().publish(merged)).toMatchObject({ updated: 1 });
    });
  });
}
