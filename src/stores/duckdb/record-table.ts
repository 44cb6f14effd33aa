import { guessesAfter, mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import type { StagedLoad } from './apply-load.js';
import { bookkeepingOf } from './bookkeeping.js';
import type { DatabaseSession } from './database.js';
import type { TableName } from './table-name.js';

/**
 * Notes what a load did to the table. The first one's owner stays, unless the table was dropped since.
 *
 * @param staged what was known of the table before, and the load's columns as the table has them
 */
export async function recordTable(
  session: DatabaseSession,
  { owner, at, publication }: Load,
  { qualified }: TableName,
  id: string,
  { columns, record }: Pick<StagedLoad, 'columns' | 'record'>,
): Promise<void> {
  const tables = `${bookkeepingOf(session)}.tables`;
  const key = record?.key ?? mergeKey(publication) ?? null;
  const written = [...new Set([...(record?.columns ?? []), ...columns.map(({ name }) => name)])];
  const guesses = JSON.stringify(guessesAfter(record?.guesses ?? {}, columns));
  const replacedAt = publication.mode === 'replace' ? at : (record?.replacedAt ?? null);
  await session.query(`DELETE FROM ${tables} WHERE "table" = $1 AND table_id <> $2`, [qualified, id]);
  await session.query(
    `UPDATE ${tables} SET key = $3::JSON::VARCHAR[], columns = $4::JSON::VARCHAR[], replaced_at = $5, guesses = $6
     WHERE "table" = $1 AND table_id = $2`,
    [qualified, id, JSON.stringify(key), JSON.stringify(written), replacedAt, guesses],
  );
  if (record === undefined) {
    await session.query(
      `INSERT INTO ${tables} ("table", table_id, owner, key, columns, replaced_at, guesses)
       VALUES ($1, $2, $3, $4::JSON::VARCHAR[], $5::JSON::VARCHAR[], $6, $7)`,
      [qualified, id, owner, JSON.stringify(key), JSON.stringify(written), replacedAt, guesses],
    );
  }
}
