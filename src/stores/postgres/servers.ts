import { Pool, type PoolClient } from 'pg';
import type { ConnectionSettings, PostgresClientConfig, ServerSettings } from './connection-settings.js';
import { PostgresClient } from './postgres-client.js';
import { postgresFailure } from './postgres-failure.js';
import { StoreError, type StoreErrorReason } from '../store.js';

/** Connections to the servers of one store. */
export interface Servers {
  /**
   * Returns a connection to the first server that answers and, where that is asked for, takes writes. It is given back
   * by its `release`.
   *
   * @throws StoreError: it says for each server why it was not taken
   */
  connect(): Promise<PoolClient>;
  close(): Promise<void>;
}

interface ServersOptions {
  /** Most connections to each server. */
  readonly max: number;
  /** How long one server may take to answer, where that is less than the url says. */
  readonly connectWithinMs?: number;
  readonly queryWithinMs?: number;
}

export function openServers({ servers, passesOverReaders }: ConnectionSettings, options: ServersOptions): Servers {
  const entries = servers.map((server) => createServer(server, options));
  return {
    async connect() {
      const failures: StoreError[] = [];
      for (const { where, connect } of entries) {
        try {
          const client = await connect();
          if (!passesOverReaders || (await takesWrites(client))) return client;
          client.release();
          failures.push(
            new StoreError('unavailable', `Postgres at ${where}: it takes no writes (a standby, or read-only)`),
          );
        } catch (error) {
          failures.push(postgresFailure(where, error));
        }
      }
      throw failureOfAll(failures);
    },
    close: async () => {
      await Promise.all(entries.map((entry) => entry.close()));
    },
  };
}

/** All have failed: if one of them may work later, the store may. */
function failureOfAll(failures: readonly StoreError[]): StoreError {
  const [only, ...others] = failures;
  if (only !== undefined && others.length === 0) return only;
  const has = (reason: StoreErrorReason): boolean => failures.some((failure) => failure.reason === reason);
  const reason = has('unavailable') ? 'unavailable' : has('setup') ? 'setup' : 'rejected';
  return new StoreError(reason, failures.map(({ message }) => message).join('; '));
}

/** A connection that breaks while it is asked is cut. */
async function takesWrites(client: PoolClient): Promise<boolean> {
  try {
    const { rows } = await client.query<{ writes: boolean }>(TAKES_WRITES);
    return rows[0]?.writes === true;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

const TAKES_WRITES = `
  SELECT NOT pg_catalog.pg_is_in_recovery()
    AND pg_catalog.current_setting('default_transaction_read_only') = 'off' AS writes`;

interface Server {
  readonly where: string;
  connect(): Promise<PoolClient>;
  close(): Promise<void>;
}

/** The way that worked last is tried first: most servers speak to us in one way only. */
function createServer({ where, ways }: ServerSettings, options: ServersOptions): Server {
  const pools = ways.map((way) => lazyPool(way, options));
  let preferred = 0;
  return {
    where,
    async connect() {
      const order = [preferred, ...[...pools.keys()].filter((index) => index !== preferred)];
      let failure: unknown;
      for (const index of order) {
        try {
          const client = await pools[index]?.connect();
          if (client === undefined) continue;
          preferred = index;
          return client;
        } catch (error) {
          failure ??= error;
          if (!isForAnotherWay(error)) throw error;
        }
      }
      throw failure;
    },
    close: async () => {
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

/** TLS is not spoken, or fails, or the server's rules want the other way: with or without it. */
function isForAnotherWay(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '28000' || /SSL|TLS|certificate|CERT/i.test(`${code} ${error.message}`);
}

/** Certificates are read when the pool is opened; a file that is missing then is looked for again. */
function lazyPool(way: () => PostgresClientConfig, { max, connectWithinMs, queryWithinMs }: ServersOptions) {
  let opened: Pool | undefined;
  const open = (): Pool => {
    const config = way();
    const withinMs = Math.min(config.connectionTimeoutMillis ?? Infinity, connectWithinMs ?? Infinity);
    const pool = new Pool({
      ...config,
      max,
      connectionTimeoutMillis: withinMs,
      ...(queryWithinMs === undefined ? {} : { query_timeout: queryWithinMs }),
      Client: class extends PostgresClient {
        constructor() {
          super({
            ...config,
            connectionTimeoutMillis: withinMs,
            ...(queryWithinMs === undefined ? {} : { query_timeout: queryWithinMs }),
          });
        }
      },
    });
    // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
    pool.on('error', () => undefined);
    return pool;
  };
  return {
    async connect(): Promise<PoolClient> {
      opened ??= open();
      return await opened.connect();
    },
    async close(): Promise<void> {
      await opened?.end();
    },
  };
}
