import { z } from 'zod';
import type { AppliedRows } from '../load-receipt.js';
import type { Session } from './connection.js';
import type { CopiedRows } from './copy-rows.js';
import {
  countStatement,
  insertStatement,
  loadedKey,
  loadOrder,
  serverVersionOf,
  updateStatement,
  type MergeTarget,
} from './merge-sql.js';
import { STAGING_TABLE } from './staging-table.js';

/**
 * Leaves the newest row for each key. A row is taken whole: columns that have lapsed become NULL, or the outcome would
 * depend on the order in which executions end. An equal row that is newer counts as unchanged, but hands on its
 * provenance: it must win over a row between the two that comes late.
 *
 * Rows that are there are updated by one join, which costs half of what a conflict for each of them does. What that
 * leaves is inserted, and whatever others do to the table meanwhile is met as a conflict.
 */
export async function mergeRows(session: Session, target: MergeTarget, copied: CopiedRows): Promise<AppliedRows> {
  const { valid, areSurelyDistinct } = copied;
  await session.query(`SET LOCAL work_mem = '${workMegabytes(valid)}MB'`);
  const newest = areSurelyDistinct ? valid : await keepNewest(session, target, valid);
  const duplicates = valid - newest;
  if (target.isNew) {
    await session.query(insertStatement(target, false));
    return { inserted: newest, updated: 0, unchanged: 0, duplicates };
  }
  const version = await serverVersionOf(session);
  const { written, changed } = writtenCounts.parse(await one(session, updateStatement(target, version)));
  const { inserted } =
    written === newest ? { inserted: 0 } : insertedCount.parse(await one(session, countStatement(target)));
  if (written < newest) await session.query(insertStatement(target, true));
  return { inserted, updated: changed, unchanged: newest - inserted - changed, duplicates };
}

/**
 * For the join, whose table of keys should fit: else it goes through the table in no order, several times. By default a
 * server allows 4 MB, which some 10,000 rows fill.
 */
function workMegabytes(rows: number): number {
  return Math.min(Math.max(Math.ceil(rows / 12_000), 16), 256);
}

/** @returns how many keys the load has; of its rows only the newest with each key are left */
async function keepNewest(session: Session, target: MergeTarget, valid: number): Promise<number> {
  const keys = loadedKey(target).join(', ');
  await session.query(`ANALYZE ${STAGING_TABLE} (${keys})`);
  const { count } = keyCount.parse(
    await one(session, `SELECT count(*) FROM (SELECT FROM ${STAGING_TABLE} GROUP BY ${keys}) AS keys`),
  );
  if (count < valid) {
    await session.query(`
      DELETE FROM ${STAGING_TABLE} WHERE ctid IN (
        SELECT ctid FROM (
          SELECT ctid, row_number() OVER (PARTITION BY ${keys} ORDER BY ${loadOrder(target).join(' DESC, ')} DESC) AS place
          FROM ${STAGING_TABLE} AS load
        ) AS placed
        WHERE place > 1
      )`);
  }
  return count;
}

async function one(session: Session, statement: string): Promise<unknown> {
  const [row] = await session.query(statement);
  return row;
}

/** The driver gives a bigint as text. */
const count = z.coerce.number();
const keyCount = z.object({ count });
const writtenCounts = z.object({ written: count, changed: count });
const insertedCount = z.object({ inserted: count });
