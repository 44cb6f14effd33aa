import { z } from 'zod';
import { joinName } from '../name-parts.js';
import type { KeptReject, RejectFilter } from '../store.js';
import { readReject } from '../stored-reject.js';
import { bookkeepingOf, hasBookkeeping } from './bookkeeping.js';
import type { Database, DatabaseSession } from './database.js';
import { idOfMark, RFC3339 } from './read-table.js';
import { parseTableName } from './table-name.js';

/**
 * Reads rejects page by page. The database is open for each page only, so that a slow reader keeps nobody waiting; a
 * page has some megabytes at most, however long the records are.
 */
export async function* readRejects(database: Database, filter: RejectFilter): AsyncGenerator<readonly KeptReject[]> {
  const table = filter.table === undefined ? undefined : parseTableName(filter.table).qualified;
  if (!(await database.exists())) {
    return;
  }
  const publications = await database.read((session) => findPublications(session, filter, table));
  for (const publication of publications) {
    let last: KeptReject | undefined;
    do {
      const after = last;
      const page = await database.read((session) => readPage(session, publication, filter, after));
      yield page;
      last = page.at(-1);
    } while (last !== undefined);
  }
}

const rejectedPublication = z.object({ run: z.string(), table: z.string(), table_id: z.string() });

type RejectedPublication = z.infer<typeof rejectedPublication>;

/** Publications to tables that are still there, with rejects that are meant. */
async function findPublications(
  session: DatabaseSession,
  { run, replayed }: RejectFilter,
  table: string | undefined,
): Promise<readonly RejectedPublication[]> {
  if (!(await hasBookkeeping(session))) {
    return [];
  }
  const bookkeeping = bookkeepingOf(session);
  const found = await session.query(
    `SELECT p.run, p."table", p.table_id
     FROM ${bookkeeping}.receipts AS p
     WHERE ($1::VARCHAR IS NULL OR p.run = $1) AND ($2::VARCHAR IS NULL OR p."table" = $2)
       AND EXISTS (
         SELECT 1 FROM ${bookkeeping}.rejects AS r WHERE r.run = p.run AND r."table" = p."table" AND ${wanted(replayed)}
       )
     ORDER BY p.run, p."table"`,
    [run ?? null, table ?? null],
  );
  const tables = await tablesById(session);
  const publications = z.array(rejectedPublication).parse(found);
  return publications.filter((one) => tables.get(one.table_id) === one.table);
}

async function tablesById(session: DatabaseSession): Promise<ReadonlyMap<string, string>> {
  const marked = z.array(markedTable).parse(
    await session.query(`
      SELECT schema_name, table_name, comment FROM duckdb_columns()
      WHERE database_name = current_database() AND column_name = '_titan_execution' AND comment IS NOT NULL`),
  );
  return new Map(
    marked.map(({ schema_name: schema, table_name: name, comment }) => [
      idOfMark(comment) ?? '',
      joinName([schema, name]),
    ]),
  );
}

async function readPage(
  session: DatabaseSession,
  { run, table }: RejectedPublication,
  { replayed }: RejectFilter,
  after: KeptReject | undefined,
): Promise<readonly KeptReject[]> {
  const rows = await session.query(
    `WITH page AS (
       SELECT * FROM ${bookkeepingOf(session)}.rejects AS r
       WHERE run = $1 AND "table" = $2 AND (execution, row) > ($3, $4::BIGINT) AND ${wanted(replayed)}
       ORDER BY execution, row LIMIT ${PAGE_ROWS}
     ), measured AS (
       SELECT *, sum(strlen(raw)) OVER (ORDER BY execution, row) - strlen(raw) AS bytes_before FROM page
     )
     SELECT run, "table", execution, row, reason, raw, strftime("at", '${RFC3339}') AS "at",
       strftime(replayed_at, '${RFC3339}') AS replayed_at
     FROM measured WHERE bytes_before < ${PAGE_BYTES} ORDER BY execution, row`,
    [run, table, after?.execution ?? '', after?.row ?? -1],
  );
  return rows.map(readReject);
}

function wanted(replayed = false): string {
  return replayed ? 'TRUE' : 'r.replayed_at IS NULL';
}

const PAGE_ROWS = 500;
const PAGE_BYTES = 4 << 20;

const markedTable = z.object({ schema_name: z.string(), table_name: z.string(), comment: z.string() });
