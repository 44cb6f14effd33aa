import { z } from 'zod';
import { refused } from '../publication-rules.js';
import { NOTHING_APPLIED, replayLoad } from '../replay-load.js';
import type { Load, Replay, ReplayReceipt } from '../store.js';
import { applyRows } from './apply-load.js';
import { bookkeepingOf } from './bookkeeping.js';
import { checkTable } from './check-table.js';
import type { DatabaseSession } from './database.js';
import { readTableState } from './read-table.js';
import { findReplayed } from './replayed-receipt.js';
import { STAGED, stageRows } from './stage-rows.js';
import { checkNames, type TableName } from './table-name.js';

/** Publishes mended rows and marks their rejects, in one transaction. */
export async function replayRows(session: DatabaseSession, replay: Replay, name: TableName): Promise<ReplayReceipt> {
  const state = await readTableState(session, replay.table, name);
  const receipt = await findReplayed(session, replay, name, state.existing?.id);
  if (receipt.superseded) {
    return { superseded: true, replayed: 0, already: 0, rejected: 0, ...NOTHING_APPLIED };
  }
  const load = replayLoad(replay, receipt);
  checkNames(load.publication, load.columns);
  const columns = checkTable(load.publication, load.owner, load.columns, state);
  await stageRows(session, load, columns);
  const { valid, ...counts } = await dropReplayed(session, load, name);
  return session.transaction(async () => {
    const staged = { valid, rejected: counts.rejected };
    const applied =
      valid === 0 ? NOTHING_APPLIED : (await applyRows(session, load, name, { ...state, columns, staged })).applied;
    await session.query(markRejects(session), [replay.run, name.qualified]);
    return { superseded: false, replayed: valid, ...counts, ...applied };
  });
}

interface ReplayCounts {
  readonly valid: number;
  readonly rejected: number;
  readonly already: number;
}

/** Takes rows out of `titan_load` whose reject is marked. @throws StoreError for a row that is no reject of the run */
async function dropReplayed(session: DatabaseSession, { run }: Load, { qualified }: TableName): Promise<ReplayCounts> {
  const rejects = `${bookkeepingOf(session)}.rejects`;
  const [stranger] = await session.query(
    `SELECT l.execution || ' row ' || l."row" AS found
     FROM ${STAGED} AS l LEFT JOIN ${rejects} AS r ON ${REJECT_OF_ROW}
     GROUP BY l.execution, l."row" HAVING count(r.run) <> 1 LIMIT 1`,
    [run, qualified],
  );
  if (stranger !== undefined) {
    const found = String(stranger['found']);
    throw refused(qualified, `execution ${found} is not one reject of run ${run}: nothing was replayed`);
  }
  const [before] = await session.query(`SELECT count(*) AS staged FROM ${STAGED}`);
  await session.query(
    `DELETE FROM ${STAGED} AS l USING ${rejects} AS r WHERE ${REJECT_OF_ROW} AND r.replayed_at IS NOT NULL`,
    [run, qualified],
  );
  const [counts] = await session.query(`
    SELECT count(*) FILTER (WHERE reason IS NULL) AS valid, count(*) FILTER (WHERE reason IS NOT NULL) AS rejected
    FROM ${STAGED}`);
  const { valid, rejected } = stagedCounts.parse(counts);
  return { valid, rejected, already: Number(before?.['staged']) - valid - rejected };
}

function markRejects(session: DatabaseSession): string {
  return `
    UPDATE ${bookkeepingOf(session)}.rejects AS r
    SET replayed_at = CASE WHEN l.reason IS NULL THEN now() END, reason = coalesce(l.reason, r.reason)
    FROM ${STAGED} AS l
    WHERE ${REJECT_OF_ROW}`;
}

const REJECT_OF_ROW = `r.run = $1 AND r."table" = $2 AND r.execution = l.execution AND r.row = l."row"`;

/** The driver gives a bigint as text. */
const stagedCounts = z.object({ valid: z.coerce.number(), rejected: z.coerce.number() });
