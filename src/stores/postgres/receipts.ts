import type { PublishReceipt } from '../../domain/run.js';
import { mergeKey } from '../publication-rules.js';
import { schemaHash } from '../schema-hash.js';
import type { Load } from '../store.js';
import { readReceipt } from '../stored-receipt.js';
import type { Session } from './connection.js';
import type { TableName } from './table-name.js';

/**
 * The receipt of this run for the table with this oid, if there is one.
 *
 * @throws StoreError where it stands for another publication
 */
export async function findReceipt(
  session: Session,
  load: Load,
  { qualified }: TableName,
  oid: string,
): Promise<PublishReceipt | undefined> {
  const [found] = await session.query(FIND_RECEIPT, [load.run, qualified, oid]);
  return found === undefined ? undefined : readReceipt(load, found);
}

/** Takes the place of a receipt whose table was dropped. */
export async function writeReceipt(
  session: Session,
  { run, owner, at, columns, publication }: Load,
  { qualified }: TableName,
  oid: string,
  receipt: PublishReceipt,
): Promise<void> {
  await session.query(WRITE_RECEIPT, [
    run,
    qualified,
    oid,
    receipt.store,
    owner,
    receipt.mode,
    mergeKey(publication) ?? null,
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
  ]);
}

const FIND_RECEIPT = `
  SELECT mode, key, superseded, records, rows, rejected, inserted, updated, unchanged, duplicates,
    to_jsonb(found) -> 'widened' AS widened
  FROM titanflow.receipts AS found
  WHERE run = $1 AND "table" = $2 AND table_oid = $3`;

const WRITE_RECEIPT = `
  INSERT INTO titanflow.receipts AS old (
    run, "table", table_oid, store, owner, mode, key, schema_hash, at, superseded,
    records, rows, rejected, inserted, updated, unchanged, duplicates, widened
  )
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
  ON CONFLICT (run, "table") DO UPDATE SET
    table_oid = excluded.table_oid, store = excluded.store, owner = excluded.owner, mode = excluded.mode,
    key = excluded.key, schema_hash = excluded.schema_hash, at = excluded.at, superseded = excluded.superseded,
    records = excluded.records, rows = excluded.rows, rejected = excluded.rejected, inserted = excluded.inserted,
    updated = excluded.updated, unchanged = excluded.unchanged, duplicates = excluded.duplicates, widened = excluded.widened,
    published_at = excluded.published_at`;
