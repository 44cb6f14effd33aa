import { mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import { bookkeepingOf } from './bookkeeping.js';
import type { DatabaseSession } from './database.js';
import type { RecordedTable } from './read-table.js';
import type { TableName } from './table-name.js';

/**
 * Notes what a load did to the table. The first one's owner stays, unless the table was dropped since.
 *
 * @param record what was known of the table before
 */
export async function recordTable(
  session: DatabaseSession,
  { owner, at, columns, publication }: Load,
  { qualified }: TableName,
  id: string,
  record: RecordedTable | undefined,
): Promise<void> {
  const tables = `${bookkeepingOf(session)}.tables`;
  const key = record?.key ?? mergeKey(publication) ?? null;
  const written = [...new Set([...(record?.columns ?? []), ...columns.map(({ name }) => name)])];
  const replacedAt = publication.mode === 'replace' ? at : (record?.replacedAt ?? null);
  await session.query(`DELETE FROM ${tables} WHERE "table" = $1 AND table_id <> $2`, [qualified, id]);
  await session.query(
    `UPDATE ${tables} SET key = $3::JSON::VARCHAR[], columns = $4::JSON::VARCHAR[], replaced_at = $5
     WHERE "table" = $1 AND table_id = $2`,
    [qualified, id, JSON.stringify(key), JSON.stringify(written), replacedAt],
  );
  if (record === undefined) {
    await session.query(
      `INSERT INTO ${tables} ("table", table_id, owner, key, columns, replaced_at)
       VALUES ($1, $2, $3, $4::JSON::VARCHAR[], $5::JSON::VARCHAR[], $6)`,
      [qualified, id, owner, JSON.stringify(key), JSON.stringify(written), replacedAt],
    );
  }
}
