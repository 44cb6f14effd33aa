import type { PublishReceipt } from '../../domain/run.js';
import { mergeKey } from '../publication-rules.js';
import { schemaHash } from '../schema-hash.js';
import type { Load } from '../store.js';
import { readReceipt } from '../stored-receipt.js';
import { bookkeepingOf } from './bookkeeping.js';
import type { DatabaseSession } from './database.js';
import type { TableName } from './table-name.js';

/**
 * The receipt of this run for the table with this id, if there is one. Needs the bookkeeping.
 *
 * @throws StoreError where it stands for another publication
 */
export async function findReceipt(
  session: DatabaseSession,
  load: Load,
  { qualified }: TableName,
  id: string,
): Promise<PublishReceipt | undefined> {
  const [found] = await session.query(
    `SELECT mode, key, superseded, records, rows, rejected, inserted, updated, unchanged, duplicates,
       to_json(found) ->> 'widened' AS widened
     FROM ${bookkeepingOf(session)}.receipts AS found WHERE run = $1 AND "table" = $2 AND table_id = $3`,
    [load.run, qualified, id],
  );
  if (found === undefined) {
    return undefined;
  }
  const { widened } = found;
  return readReceipt(load, { ...found, widened: typeof widened === 'string' ? JSON.parse(widened) : null });
}

/** Takes the place of a receipt whose table was dropped. */
export async function writeReceipt(
  session: DatabaseSession,
  { run, owner, at, columns, publication }: Load,
  { qualified }: TableName,
  id: string,
  receipt: PublishReceipt,
): Promise<void> {
  const receipts = `${bookkeepingOf(session)}.receipts`;
  await session.query(`DELETE FROM ${receipts} WHERE run = $1 AND "table" = $2`, [run, qualified]);
  await session.query(
    `INSERT INTO ${receipts} (
       run, "table", table_id, store, owner, mode, key, schema_hash, "at", superseded,
       records, rows, rejected, inserted, updated, unchanged, duplicates, widened
     )
     VALUES ($1, $2, $3, $4, $5, $6, $7::JSON::VARCHAR[], $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      run,
      qualified,
      id,
      receipt.store,
      owner,
      receipt.mode,
      JSON.stringify(mergeKey(publication) ?? null),
      schemaHash(columns),
      at,
      receipt.superseded,
      receipt.records,
      receipt.rows,
      receipt.rejected,
      receipt.inserted,
      receipt.updated,
      receipt.unchanged,
      receipt.duplicates,
      receipt.widened ? JSON.stringify(receipt.widened) : null,
    ],
  );
}
