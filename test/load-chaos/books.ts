import { Client } from 'pg';
import type { PublishMode } from '../../src/domain/run.js';
import { refusedOf } from './loader.js';

/** What a table holds: how many rows, and the sum of their values; and what the bookkeeping has. */
export interface Holdings {
  readonly rows: number;
  readonly sum: number;
  readonly receipts: number;
  readonly rejects: number;
}

/** What a table must hold, publication by publication, beside what it does hold. */
/** @param url of the server that takes writes */
export function createBooks(url: () => string, all: number) {
  const refused = refusedOf(all);
  const rows = all - refused;
  const expected = new Map<PublishMode, Holdings>();
  const none: Holdings = { rows: 0, sum: 0, receipts: 0, rejects: 0 };

  return {
    before: (mode: PublishMode): Holdings => expected.get(mode) ?? none,
    /** After one more publication of `rows` rows with that value; later ones are newer. */
    after(mode: PublishMode, value: number): Holdings {
      const before = expected.get(mode) ?? none;
      const isAdded = mode === 'append';
      return {
        rows: isAdded ? before.rows + rows : rows,
        sum: isAdded ? before.sum + rows * value : rows * value,
        receipts: before.receipts + 1,
        rejects: before.rejects + refused,
      };
    },
    enter(mode: PublishMode, holdings: Holdings): void {
      expected.set(mode, holdings);
    },
    async read(mode: PublishMode): Promise<Holdings> {
      const client = new Client({ connectionString: url() });
      await client.connect();
      try {
        const { rows: found } = await client.query<{ there: boolean }>(
          `SELECT to_regclass('titanflow.receipts') IS NOT NULL AS there`,
        );
        if (found[0]?.there !== true) return none;
        const { rows: counted } = await client.query<Holdings>(`
          SELECT count(*)::int AS rows, coalesce(sum(value), 0)::float8 AS sum,
            (SELECT count(*)::int FROM titanflow.receipts WHERE "table" = 'public.${mode}_rows') AS receipts,
            (SELECT count(*)::int FROM titanflow.rejects WHERE "table" = 'public.${mode}_rows') AS rejects
          FROM ${mode}_rows`);
        return counted[0] ?? none;
      } finally {
        await client.end();
      }
    },
  };
}

export function areSame(one: Holdings, other: Holdings): boolean {
  return (
    one.rows === other.rows && one.sum === other.sum && one.receipts === other.receipts && one.rejects === other.rejects
  );
}
