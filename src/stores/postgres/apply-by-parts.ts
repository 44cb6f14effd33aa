import { z } from 'zod';
import type { AppliedRows } from '../load-receipt.js';
import { refused as refusedBy } from '../publication-rules.js';
import type { Load } from '../store.js';
import { applyRows, type LoadPlan } from './apply-load.js';
import type { Session } from './connection.js';
import { droppedRows, type RefusedRow } from './dropped-rows.js';
import { createStagingTable, knownRun, STAGING_TABLE, stagedColumns, stagedProvenance } from './staging-table.js';

/** Each refused row costs some statements. Where more are refused, the table is not made for these rows. */
const MOST_REFUSED = 2_000;
/** A range with refused rows is divided into so many: of two halves, half of the load would be applied for each such row. */
const PARTS = 16;
/** Rows that are good one after the other may still not be so at once: what is left is tried again. */
const MOST_ROUNDS = 4;

/**
 * Brings the rows of `titan_load` into their table. Rows that the table refuses (constraints, triggers, policies, a row or
 * an index entry that is too big) are found by dividing, and left out.
 *
 * @throws StoreError where more than 2,000 are refused
 */
export async function applyByParts(
  session: Session,
  load: Load,
  plan: LoadPlan,
): Promise<{ readonly applied: AppliedRows; readonly refused: readonly RefusedRow[] }> {
  const { table, mode } = load.publication;
  const refused: RefusedRow[] = [];
  const run = knownRun(load);
  const columns = stagedColumns(plan.columns, run).join(', ');
  const end = (await setAside(session)) + 1;

  async function apply(from: number, to: number, isContinued: boolean): Promise<AppliedRows> {
    await createStagingTable(session, plan.columns, run);
    const taken = await session.query(
      `WITH taken AS (
         INSERT INTO ${STAGING_TABLE} SELECT ${columns} FROM ${ALL} WHERE place >= $1 AND place < $2 RETURNING 1
       )
       SELECT count(*) AS count FROM taken`,
      [from, to],
    );
    const copied = { valid: counted.parse(taken[0]).count, rejected: 0, dropped: 0, areSurelyDistinct: false };
    return applyRows(session, load, plan, copied, isContinued);
  }

  async function faultIn(from: number, to: number): Promise<string | undefined> {
    const outcome = await session.attempt(async () => {
      await apply(from, to, true);
      await session.query(`DROP TABLE ${STAGING_TABLE}`);
    });
    return 'fault' in outcome ? outcome.fault : undefined;
  }

  /** Finds the refused rows from `from` up to `to`; the others are in the table then. */
  async function search(from: number, to: number, fault: string, found: Map<number, string>): Promise<void> {
    if (to - from === 1) {
      found.set(from, fault);
      if (refused.length + found.size > MOST_REFUSED) {
        throw refusedBy(
          table,
          `it refuses more than ${MOST_REFUSED} rows of the load, the last one with: ${fault}; mend the table or the task, or merge by a key`,
        );
      }
      return;
    }
    const size = Math.ceil((to - from) / PARTS);
    for (let start = from; start < to; start += size) {
      const stop = Math.min(start + size, to);
      const next = await faultIn(start, stop);
      if (next !== undefined) await search(start, stop, next, found);
    }
  }

  async function leaveOut(fault: string): Promise<void> {
    const found = new Map<number, string>();
    await session.query('SAVEPOINT titan_search');
    if (mode === 'replace') await session.query(`DELETE FROM ${plan.name.sql}`);
    if (end > 1) await search(1, end, fault, found);
    await session.query('ROLLBACK TO SAVEPOINT titan_search');
    await session.query('RELEASE SAVEPOINT titan_search');
    if (found.size === 0) throw refusedBy(table, fault);
    const { execution } = stagedProvenance(run);
    const rows = await session.query(
      `DELETE FROM ${ALL} AS load WHERE place = ANY ($1) RETURNING place, ${execution} AS execution, row`,
      [[...found.keys()]],
    );
    for (const row of rows) {
      const { place, ...known } = foundRow.parse(row);
      refused.push({ ...known, reason: found.get(place) ?? fault });
    }
  }

  for (let round = 1; ; round += 1) {
    const outcome = await session.attempt(() => apply(1, end, false));
    if ('done' in outcome) {
      const dropped = await droppedRows(session, load, plan);
      const applied = { ...outcome.done, inserted: outcome.done.inserted - dropped.length };
      return { applied, refused: [...refused, ...dropped] };
    }
    if (round > MOST_ROUNDS) throw refusedBy(table, outcome.fault);
    await leaveOut(outcome.fault);
  }
}

const ALL = 'pg_temp.titan_all';

/** @returns how many rows there are; their places are 1, 2, … */
async function setAside(session: Session): Promise<number> {
  await session.query(`ALTER TABLE ${STAGING_TABLE} RENAME TO titan_all`);
  await session.query(`ALTER TABLE ${ALL} ADD COLUMN place bigserial PRIMARY KEY`);
  const [row] = await session.query(`SELECT count(*) AS count FROM ${ALL}`);
  return counted.parse(row).count;
}

/** The driver gives a bigint as text. */
const counted = z.object({ count: z.coerce.number() });
const foundRow = z.object({ place: z.coerce.number(), execution: z.string(), row: z.coerce.number() });
