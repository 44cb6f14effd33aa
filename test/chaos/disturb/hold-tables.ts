import { Client } from 'pg';
import type { Random } from '../../../src/emulator/random.js';
import type { Tally } from '../profiles.js';
import { TABLES, type Table } from '../runs/tables.js';
import { again, rest, type Background } from './background.js';

/** Nobody of ours waits for a lock for longer than a minute. */
const LONGEST_WAIT_SECONDS = 65;
const LONG_HOLD_MS = 80_000;
const LOOK_EVERY_MS = 1_000;

export interface HoldOptions {
  readonly url: string;
  /** How often a table is held for longer than anybody waits: each holds up runs for minutes. */
  readonly longHolds: number;
  readonly tally: Tally;
  /** Called with each wait that is too long. */
  readonly complain: (complaint: string) => void;
}

/** Another session locks one table for a while, and lets it go. */
export function holdTables({ url, longHolds, tally, complain }: HoldOptions, random: Random): Background {
  let round = 0;
  let longLeft = longHolds;
  return again(
    () => random.integer(3_000, 8_000),
    async (signal) => {
      round += 1;
      const isLong = longLeft > 0 && round % 3 === 0;
      const client = new Client(url);
      await client.connect();
      try {
        await client.query('BEGIN');
        const table = random.pick(TABLES);
        await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
        tally.add(isLong ? 'table locked for long' : 'table locked');
        if (isLong) longLeft -= 1;
        const until = Date.now() + (isLong ? LONG_HOLD_MS : random.integer(3_000, 12_000));
        while (Date.now() < until && !signal.aborted) {
          if ((await waitedFor(table, client)) > LONGEST_WAIT_SECONDS) {
            complain(`somebody waits for the lock of ${table} for more than ${LONGEST_WAIT_SECONDS} s`);
          }
          await rest(LOOK_EVERY_MS, signal);
        }
        await client.query('COMMIT');
      } catch (error) {
        // The first load makes the table.
        if (!String(error).includes('does not exist')) throw error;
      } finally {
        await client.end();
      }
    },
  );
}

/** Seconds for which the first of those that wait for a table has waited. */
async function waitedFor(table: Table, client: Client): Promise<number> {
  const { rows } = await client.query<{ readonly seconds: number }>(
    `SELECT coalesce(extract(epoch FROM clock_timestamp() - min(waitstart)), 0)::int AS seconds
     FROM pg_locks WHERE NOT granted AND relation = $1::regclass`,
    [table],
  );
  return rows[0]?.seconds ?? 0;
}
