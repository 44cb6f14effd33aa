import { abortable } from '../abortable.js';
import { createLineWriter } from './json-line.js';
import type { TableChange, WrittenRows } from './table-change.js';
import { createKeyGuard } from './table-keys.js';

/**
 * Writes a load's rows to a file of their own, for `append` and `replace`.
 *
 * @throws StoreError where the table is merged by a key and would have it twice
 */
export async function addRows(change: TableChange): Promise<WrittenRows> {
  const { load, file } = change;
  const guardKeys = await createKeyGuard(change);
  const writeLine = createLineWriter(load.columns);
  let rows = 0;
  for await (const batch of abortable(load.rows, load.signal)) {
    guardKeys(batch);
    await file.write(batch.map(writeLine).join(''));
    rows += batch.length;
    load.onProgress(rows);
  }
  return { written: rows, counts: { inserted: rows, updated: 0, unchanged: 0, duplicates: 0, rejected: 0 } };
}
