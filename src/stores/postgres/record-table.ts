import { guessesAfter, mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import type { LoadPlan } from './apply-load.js';
import type { Session } from './connection.js';

/** Notes what a load did to the table. The first one's owner stays, unless the table was dropped since. */
export async function recordTable(
  session: Session,
  load: Load,
  { name: { qualified }, columns, record }: Pick<LoadPlan, 'name' | 'columns' | 'record'>,
  oid: string,
): Promise<void> {
  const { owner, at, publication } = load;
  await session.query(RECORD_TABLE, [
    qualified,
    oid,
    owner,
    mergeKey(publication) ?? null,
    columns.map(({ name }) => name),
    publication.mode === 'replace' ? at : null,
    JSON.stringify(guessesAfter(record?.guesses ?? {}, columns)),
  ]);
}

const RECORD_TABLE = `
  INSERT INTO titanflow.tables AS known ("table", table_oid, owner, key, columns, replaced_at, guesses)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT ("table") DO UPDATE SET
    table_oid = excluded.table_oid,
    owner = CASE WHEN known.table_oid = excluded.table_oid THEN known.owner ELSE excluded.owner END,
    key = CASE WHEN known.table_oid = excluded.table_oid THEN coalesce(known.key, excluded.key) ELSE excluded.key END,
    columns = CASE WHEN known.table_oid = excluded.table_oid
      THEN ARRAY(SELECT unnest(known.columns) UNION SELECT unnest(excluded.columns))
      ELSE excluded.columns END,
    guesses = excluded.guesses,
    replaced_at = CASE WHEN known.table_oid = excluded.table_oid
      THEN coalesce(excluded.replaced_at, known.replaced_at)
      ELSE excluded.replaced_at END,
    created_at = CASE WHEN known.table_oid = excluded.table_oid THEN known.created_at ELSE excluded.created_at END`;
