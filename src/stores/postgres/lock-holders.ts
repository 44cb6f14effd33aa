import { z } from 'zod';
import { cutForeign } from '../../domain/foreign-text.js';
import type { ConnectionSettings } from './connection-settings.js';
import { openServers, type Servers } from './servers.js';

/** Tells on connections of its own who keeps another session from going on. */
export interface LockHolders {
  /** @returns in words, without anybody's query: it may hold data. Undefined: nobody does, or it cannot be told */
  of(pid: number): Promise<string | undefined>;
  close(): Promise<void>;
}

export function openLockHolders(settings: ConnectionSettings): LockHolders {
  const servers = openServers(settings, { max: 1, connectWithinMs: ASK_MS, queryWithinMs: ASK_MS });
  return {
    async of(pid) {
      try {
        const rows = await ask(servers, pid);
        const holders = holdersSchema.parse(rows);
        return holders.length === 0 ? undefined : holders.map(describe).join(', ');
      } catch {
        // The answer only helps a reader; nothing depends on it.
        return undefined;
      }
    },
    close: () => servers.close(),
  };
}

const ASK_MS = 5_000;

async function ask(servers: Servers, pid: number): Promise<unknown> {
  const client = await servers.connect();
  try {
    const { rows } = await client.query(FIND_HOLDERS, [pid]);
    client.release();
    return rows;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** A role sees of others' sessions no more than the pid, unless it may read all statistics. */
const FIND_HOLDERS = `
  SELECT DISTINCT holder.pid, session.application_name AS program, session.state,
    to_char(session.state_change AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
  FROM unnest(pg_catalog.pg_blocking_pids($1)) AS holder (pid)
  LEFT JOIN pg_catalog.pg_stat_activity AS session ON session.pid = holder.pid
  ORDER BY holder.pid
  LIMIT 3`;

const holdersSchema = z.array(
  z.object({
    pid: z.number(),
    program: z.string().nullable(),
    state: z.string().nullable(),
    since: z.string().nullable(),
  }),
);

function describe({ pid, program, state, since }: z.infer<typeof holdersSchema>[number]): string {
  if (pid === 0) return 'a prepared transaction';
  const standing = state === null ? undefined : `${state}${since === null ? '' : ` since ${since}`}`;
  const known = [program, standing].filter((part) => part !== undefined && part !== null && part !== '');
  return `pid ${pid}${known.length === 0 ? '' : ` (${cutForeign(known.join(', '))})`}`;
}
