import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contract } from './contract.js';
import { loadOf } from './loads.js';
import { randomLoad } from './random-loads.js';

/** Texts have escapes that mean the same. */
function keyOf(raw: string | null | undefined): string | undefined {
  return raw === undefined || raw === null || raw === 'null' ? undefined : String(JSON.parse(raw));
}

export function describeRandomLoads({ store, under, newTable }: Contract): void {
  describe('random rows', () => {
    it('are published or rejected, each one once, and a reader finds those that were published', async () => {
      await fc.assert(
        fc.asyncProperty(randomLoad, async ({ columns, cells, mode }) => {
          const table = newTable();
          const load = loadOf({ table, mode, columns, cells, key: ['key'] });
          await store().check(load.publication, load.owner, columns);
          const receipt = await store().publish(load);
          const { inserted, updated, unchanged, duplicates } = receipt;
          expect(receipt).toMatchObject({ records: cells.length, updated: 0, unchanged: 0 });
          expect(receipt.rows + receipt.rejected).toBe(cells.length);
          expect(inserted + updated + unchanged + duplicates).toBe(receipt.rows);

          const rejected = await under().readRejects(table, load.run);
          const found = (await under().readTable(table)) ?? [];
          expect(rejected).toHaveLength(receipt.rejected);
          expect(found).toHaveLength(inserted);
          const places = [...rejected.map(({ row }) => row), ...found.map((row) => Number(row['_titan_row']))];
          expect(new Set(places).size).toBe(places.length);
          if (mode !== 'merge') {
            expect(places.toSorted((a, b) => a - b)).toEqual(cells.map((_, row) => row));
          }
          for (const row of found) {
            const raw = cells[Number(row['_titan_row'])]?.[0];
            expect(row['key'] ?? undefined).toBe(keyOf(raw));
          }
          expect(await store().publish(load)).toEqual(receipt);
        }),
        { numRuns: RUNS },
      );
    }, 180_000);
  });
}

/** More of them are for a long evening: `RANDOM_LOADS=1000`. */
const RUNS = Number(process.env['RANDOM_LOADS'] ?? '12');
