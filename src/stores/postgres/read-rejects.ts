import type { KeptReject, RejectFilter } from '../store.js';
import { readReject } from '../stored-reject.js';
import { hasBookkeeping, hasReplayMarks } from './bookkeeping.js';
import type { Connections, Session } from './connection.js';
import { parseTableName } from './table-name.js';

/**
 * Reads rejects page by page: each page is a short transaction, so that a slow reader holds nothing open, and has some
 * megabytes at most, however long the records are.
 */
export async function* readRejects(
  connections: Connections,
  filter: RejectFilter,
): AsyncGenerator<readonly KeptReject[]> {
  const table = filter.table === undefined ? null : parseTableName(filter.table).qualified;
  const publications = await connections.transaction(
    (session) => findPublications(session, { ...filter, table }),
    REJECTS,
  );
  for (const publication of publications) {
    let last: KeptReject | undefined;
    do {
      const after = last;
      const page = await connections.transaction((session) => readPage(session, publication, after), REJECTS);
      yield page;
      last = page.at(-1);
    } while (last !== undefined);
  }
}

const REJECTS = { about: 'table titanflow.rejects' };

interface RejectedPublication {
  readonly run: string;
  readonly table: string;
  /** SQL: what `replayed_at` is, and which rejects are meant. */
  readonly replayedAt: string;
  readonly wanted: string;
}

/** Publications to tables that are still there, with rejects that are meant. */
async function findPublications(
  session: Session,
  { run, table, replayed = false }: Omit<RejectFilter, 'table'> & { readonly table: string | null },
): Promise<readonly RejectedPublication[]> {
  if (!(await hasBookkeeping(session))) {
    return [];
  }
  const replayedAt = (await hasReplayMarks(session)) ? 'replayed_at' : 'NULL::timestamptz';
  const wanted = replayed ? 'TRUE' : `${replayedAt} IS NULL`;
  const rows = await session.query(selectPublications(wanted), [run ?? null, table]);
  return rows.map((row) => ({ run: String(row['run']), table: String(row['table']), replayedAt, wanted }));
}

async function readPage(
  session: Session,
  publication: RejectedPublication,
  after: KeptReject | undefined,
): Promise<readonly KeptReject[]> {
  const { run, table } = publication;
  const rows = await session.query(selectPage(publication), [run, table, after?.execution ?? '', after?.row ?? -1]);
  return rows.map(readReject);
}

function selectPublications(wanted: string): string {
  const part = (name: string): string =>
    `CASE WHEN ${name} ~ '[."]' THEN '"' || replace(${name}, '"', '""') || '"' ELSE ${name} END`;
  return `
    SELECT p.run, p."table"
    FROM titanflow.receipts AS p
    JOIN pg_catalog.pg_class AS t ON t.oid = p.table_oid
    JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
    WHERE p."table" = ${part('s.nspname')} || '.' || ${part('t.relname')}
      AND ($1::text IS NULL OR p.run = $1)
      AND ($2::text IS NULL OR p."table" = $2)
      AND EXISTS (SELECT FROM titanflow.rejects AS r WHERE r.run = p.run AND r."table" = p."table" AND ${wanted})
    ORDER BY p.run COLLATE "C", p."table" COLLATE "C"`;
}

const PAGE_ROWS = 500;
const PAGE_BYTES = 4 << 20;

/** Goes along the primary key. */
function selectPage({ replayedAt, wanted }: RejectedPublication): string {
  return `
    WITH page AS (
      SELECT run, "table", execution, row, reason, raw, at, ${replayedAt} AS replayed_at
      FROM titanflow.rejects
      WHERE run = $1 AND "table" = $2 AND (execution, row) > ($3, $4::bigint) AND ${wanted}
      ORDER BY execution, row
      LIMIT ${PAGE_ROWS}
    ), measured AS (
      SELECT *, sum(octet_length(raw)) OVER (ORDER BY execution, row) - octet_length(raw) AS bytes_before FROM page
    )
    SELECT run, "table", execution, row, reason, raw, ${rfc3339('at')} AS at, ${rfc3339('replayed_at')} AS replayed_at
    FROM measured
    WHERE bytes_before < ${PAGE_BYTES}
    ORDER BY execution, row`;
}

/** The session's time zone is UTC. */
function rfc3339(instant: string): string {
  return `to_char(${instant}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
