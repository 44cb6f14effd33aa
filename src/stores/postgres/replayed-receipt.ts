import type { z } from 'zod';
import { refused } from '../publication-rules.js';
import type { Replay, StoreError } from '../store.js';
import { storedTerms } from '../stored-receipt.js';
import type { Session } from './connection.js';
import type { TableName } from './table-name.js';

/** How a run was published whose rejects are replayed. */
export type ReplayedReceipt = z.infer<typeof storedTerms>;

/**
 * The receipt of the run for the table with this oid.
 *
 * @param oid undefined = the table is gone
 * @throws StoreError where there is none
 */
export async function findReplayed(
  session: Session,
  { run, table }: Replay,
  { qualified }: TableName,
  oid: string | undefined,
): Promise<ReplayedReceipt> {
  const [found] = await session.query(FIND_TERMS, [run, qualified]);
  if (found === undefined) {
    throw neverPublished(table, run);
  }
  if (found['table_oid'] !== oid) {
    throw refused(table, `it was dropped after run ${run} was published to it: publish the run again instead`);
  }
  return storedTerms.parse(found);
}

export function neverPublished(table: string, run: string): StoreError {
  return refused(table, `run ${run} was never published to it, so it has no rejects there`);
}

/** Of two replaces with the same `at` the later publication counts. */
const FIND_TERMS = `
  SELECT
    table_oid::text, store, owner, mode, key, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
    superseded OR (mode = 'replace' AND EXISTS (
      SELECT FROM titanflow.receipts AS newer
      WHERE newer."table" = own."table" AND newer.table_oid = own.table_oid AND newer.mode = 'replace'
        AND NOT newer.superseded AND newer.run <> own.run
        AND (newer.at, newer.published_at) > (own.at, own.published_at)
    )) AS superseded
  FROM titanflow.receipts AS own
  WHERE run = $1 AND "table" = $2`;
