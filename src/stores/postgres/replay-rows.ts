import { z } from 'zod';
import { refused } from '../publication-rules.js';
import { NOTHING_APPLIED, replayLoad } from '../replay-load.js';
import type { Load, Replay, ReplayReceipt } from '../store.js';
import { applyByParts } from './apply-by-parts.js';
import type { LoadPlan } from './apply-load.js';
import { checkNames, checkTable, readTableState } from './check-table.js';
import type { Session } from './connection.js';
import { copyRowsInBlocks } from './copy-rows.js';
import { copyLine } from './copy-text.js';
import { lockTable } from './lock-table.js';
import type { RefusedRow } from './dropped-rows.js';
import { recordTable } from './record-table.js';
import { findReplayed } from './replayed-receipt.js';
import { shapeTable } from './shape-table.js';
import { createStagingTable, STAGING_TABLE } from './staging-table.js';
import type { TableName } from './table-name.js';

/** Publishes mended rows and marks their rejects, in the transaction of `session`. Needs the bookkeeping. */
export async function replayRows(session: Session, replay: Replay, name: TableName): Promise<ReplayReceipt> {
  await lockTable(session, name);
  const state = await readTableState(session, name);
  const receipt = await findReplayed(session, replay, name, state.existing?.oid);
  if (receipt.superseded) {
    return { superseded: true, replayed: 0, already: 0, rejected: 0, ...NOTHING_APPLIED };
  }
  const load = replayLoad(replay, receipt);
  checkNames(load.publication, load.columns);
  const columns = checkTable(load.publication, load.owner, load.columns, state);
  const plan: LoadPlan = { ...state, name, columns };
  await layDown(session, load, plan);
  const { valid, rejected, already } = await markRejects(session, load, name);
  const { applied, refused: again } =
    valid === 0 ? { applied: NOTHING_APPLIED, refused: [] } : await apply(session, load, plan);
  await markAgain(session, load, name, again);
  const stay = { rejected: rejected + again.length, replayed: valid - again.length };
  return { superseded: false, already, ...stay, ...applied };
}

/** Rows that the table takes go to `titan_load`, the others to `titan_unfit`. */
async function layDown(session: Session, load: Load, { columns }: LoadPlan): Promise<void> {
  await createStagingTable(session, columns);
  await session.query(`
    CREATE TEMPORARY TABLE titan_unfit (execution text NOT NULL, row bigint NOT NULL, reason text NOT NULL) ON COMMIT DROP`);
  await copyRowsInBlocks(session, load, columns, {
    rows: STAGING_TABLE,
    rejects: 'pg_temp.titan_unfit',
    rejectLine: ({ execution, row, reason }) => copyLine([execution, String(row), reason]),
  });
}

interface ReplayCounts {
  readonly valid: number;
  readonly rejected: number;
  readonly already: number;
}

/**
 * Marks what is about to be published, gives what stays a reject its new reason, and takes rows out whose reject was
 * marked before.
 *
 * @throws StoreError for a row that is no reject of the run
 */
async function markRejects(session: Session, { run }: Load, { qualified }: TableName): Promise<ReplayCounts> {
  const [stranger] = await session.query(FIND_STRANGER, [run, qualified]);
  if (stranger !== undefined) {
    const { execution, row } = stranger;
    throw refused(
      qualified,
      `row ${row} of execution ${execution} is not one reject of run ${run}: nothing was replayed`,
    );
  }
  let already = 0;
  for (const table of [STAGING_TABLE, 'pg_temp.titan_unfit']) {
    const [dropped] = await session.query(dropReplayed(table), [run, qualified]);
    already += rowCount.parse(dropped).count;
  }
  const [counts] = await session.query(COUNT_ROWS);
  await session.query(MARK, [run, qualified]);
  await session.query(GIVE_REASON, [run, qualified]);
  return { ...rowCounts.parse(counts), already };
}

/** Rows that the table has refused stay rejects. */
async function markAgain(
  session: Session,
  { run }: Load,
  { qualified }: TableName,
  refusedRows: readonly RefusedRow[],
): Promise<void> {
  if (refusedRows.length > 0) await session.query(MARK_AGAIN, [run, qualified, JSON.stringify(refusedRows)]);
}

async function apply(session: Session, load: Load, plan: LoadPlan): ReturnType<typeof applyByParts> {
  const { table, key } = load.publication;
  const { name, columns, existing } = plan;
  const oid = await shapeTable(session, { table, name, columns, key }, existing);
  await recordTable(session, load, plan, oid);
  return applyByParts(session, load, plan);
}

const REJECT_OF_ROW = `
  r.run = $1 AND r."table" = $2 AND r.execution = l.execution AND r.row = l.row`;

const FIND_STRANGER = `
  SELECT l.execution, l.row
  FROM (
    SELECT execution, row FROM ${STAGING_TABLE} UNION ALL SELECT execution, row FROM pg_temp.titan_unfit
  ) AS l
  LEFT JOIN titanflow.rejects AS r ON ${REJECT_OF_ROW}
  GROUP BY l.execution, l.row
  HAVING count(r.run) <> 1
  LIMIT 1`;

function dropReplayed(table: string): string {
  return `
    WITH dropped AS (
      DELETE FROM ${table} AS l USING titanflow.rejects AS r WHERE ${REJECT_OF_ROW} AND r.replayed_at IS NOT NULL RETURNING 1
    )
    SELECT count(*) AS count FROM dropped`;
}

const COUNT_ROWS = `
  SELECT (SELECT count(*) FROM ${STAGING_TABLE}) AS valid, (SELECT count(*) FROM pg_temp.titan_unfit) AS rejected`;

const MARK = `
  UPDATE titanflow.rejects AS r SET replayed_at = now() FROM ${STAGING_TABLE} AS l WHERE ${REJECT_OF_ROW}`;

const MARK_AGAIN = `
  UPDATE titanflow.rejects AS r SET replayed_at = NULL, reason = l.reason
  FROM json_to_recordset($3) AS l (execution text, row bigint, reason text)
  WHERE ${REJECT_OF_ROW}`;

const GIVE_REASON = `
  UPDATE titanflow.rejects AS r SET reason = l.reason FROM pg_temp.titan_unfit AS l WHERE ${REJECT_OF_ROW}`;

/** The driver gives a bigint as text. */
const rowCount = z.object({ count: z.coerce.number() });
const rowCounts = z.object({ valid: z.coerce.number(), rejected: z.coerce.number() });
