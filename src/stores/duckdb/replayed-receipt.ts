import { z } from 'zod';
import { refused } from '../publication-rules.js';
import type { Replay, StoreError } from '../store.js';
import { storedTerms } from '../stored-receipt.js';
import { bookkeepingOf, hasBookkeeping } from './bookkeeping.js';
import type { DatabaseSession } from './database.js';
import { RFC3339 } from './read-table.js';
import type { TableName } from './table-name.js';

const termsOfTable = storedTerms.extend({ table_id: z.string() });

/** How a run was published whose rejects are replayed. */
export type ReplayedReceipt = Omit<z.infer<typeof termsOfTable>, 'table_id'>;

/**
 * The receipt of the run for the table with this id.
 *
 * @param id undefined = the table is gone
 * @throws StoreError where there is none
 */
export async function findReplayed(
  session: DatabaseSession,
  { run, table }: Replay,
  { qualified }: TableName,
  id: string | undefined,
): Promise<ReplayedReceipt> {
  const isThere = await hasBookkeeping(session);
  const [found] = isThere ? await session.query(findTerms(bookkeepingOf(session)), [run, qualified]) : [];
  if (found === undefined) {
    throw neverPublished(table, run);
  }
  const { table_id: published, ...terms } = termsOfTable.parse(found);
  if (published !== id) {
    throw refused(table, `it was dropped after run ${run} was published to it: publish the run again instead`);
  }
  return terms;
}

export function neverPublished(table: string, run: string): StoreError {
  return refused(table, `run ${run} was never published to it, so it has no rejects there`);
}

/** Of two replaces with the same `at` the later publication counts. */
function findTerms(bookkeeping: string): string {
  return `
    SELECT
      table_id, store, owner, mode, key, strftime("at", '${RFC3339}') AS "at",
      superseded OR (mode = 'replace' AND EXISTS (
        SELECT 1 FROM ${bookkeeping}.receipts AS newer
        WHERE newer."table" = own."table" AND newer.table_id = own.table_id AND newer.mode = 'replace'
          AND NOT newer.superseded AND newer.run <> own.run
          AND (newer."at", newer.published_at) > (own."at", own.published_at)
      )) AS superseded
    FROM ${bookkeeping}.receipts AS own
    WHERE run = $1 AND "table" = $2`;
}
