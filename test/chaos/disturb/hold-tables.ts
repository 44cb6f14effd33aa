import { Client } from 'pg';
import type { Random } from '../../../src/emulator/random.js';
import type { Tally } from '../profiles.js';
import { TABLES } from '../runs/tables.js';
import { again, rest, type Background } from './background.js';

/** Another session locks one table for a while, and lets it go. */
export function holdTables(url: string, random: Random, tally: Tally): Background {
  return again(
    () => random.integer(3_000, 8_000),
    async (signal) => {
      const client = new Client(url);
      await client.connect();
      try {
        await client.query('BEGIN');
        await client.query(`LOCK TABLE ${random.pick(TABLES)} IN ACCESS EXCLUSIVE MODE`);
        tally.add('table locked');
        await rest(random.integer(3_000, 12_000), signal);
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
