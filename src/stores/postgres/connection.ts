import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient, QueryResultRow } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { orAborted } from '../../domain/or-aborted.js';
import { NO_WAITS, type Waits } from '../../domain/waits.js';
import { connectionSettings } from './connection-settings.js';
import { openLockHolders, type LockHolders } from './lock-holders.js';
import { faultOfRows, postgresFailure } from './postgres-failure.js';
import { openServers, type Servers } from './servers.js';
import { watchStatement, type WatchedSession } from './watch-statement.js';

/** A transaction under way. Statements fail as StoreError. */
export interface Session {
  query(text: string, values?: readonly unknown[]): Promise<readonly QueryResultRow[]>;
  /**
   * Sends chunks to a `COPY … FROM STDIN` no faster than the server takes them; what `chunks` throws passes through.
   *
   * @returns how many rows are there: a trigger may have dropped some
   */
  copy(text: string, chunks: AsyncIterable<string>): Promise<number>;
  /**
   * Runs `work` behind a savepoint. Where it fails because of the rows that it writes, nothing of it stays, and the
   * transaction goes on.
   *
   * @throws StoreError for any other failure; whatever else `work` throws
   */
  attempt<T>(work: () => Promise<T>): Promise<{ readonly done: T } | { readonly fault: string }>;
}

interface TransactionOptions {
  /** Subject within the store, for messages: `table prices`. */
  readonly about: string;
  readonly signal?: AbortSignal | undefined;
  /** How locks are waited for; by default as a check or a command does. */
  readonly waits?: Waits | undefined;
  /** Nothing of it stays. */
  readonly isRehearsal?: boolean;
}

export interface Connections {
  /**
   * Runs `work` in one transaction on one connection. If it throws, or `signal` aborts, the connection is cut and the
   * server rolls back.
   *
   * @throws StoreError; whatever `work` throws; the signal's reason
   */
  transaction<T>(work: (session: Session) => Promise<T>, options: TransactionOptions): Promise<T>;
  close(): Promise<void>;
}

/** @throws StoreError `rejected` where `url` is none. */
export function openConnections(name: string, url: string): Connections {
  const settings = connectionSettings(name, url);
  const { where } = settings;
  const holders = openLockHolders(settings);
  const servers = openServers(settings, { max: MAX_CONNECTIONS });
  let closed: Promise<void> | undefined;
  return {
    transaction: (work, options) => transaction({ name, where, servers, holders }, work, options),
    close: () => (closed ??= Promise.all([servers.close(), holders.close()]).then(ignore)),
  };
}

/** Enough for the loads that one store may have under way, and for some checks. */
const MAX_CONNECTIONS = 12;

interface StoreServers {
  /** Name of the store. */
  readonly name: string;
  readonly where: string;
  readonly servers: Servers;
  readonly holders: LockHolders;
}

async function transaction<T>(
  { name, where, servers, holders }: StoreServers,
  work: (session: Session) => Promise<T>,
  { about, signal, waits = NO_WAITS, isRehearsal = false }: TransactionOptions,
): Promise<T> {
  const client = await checkOut(servers, signal);
  let open = true;
  const release = (cut: boolean): void => {
    if (open) {
      open = false;
      client.release(cut);
    }
  };
  const abort = (): void => release(true);
  signal?.addEventListener('abort', abort);
  try {
    signal?.throwIfAborted();
    const pid = await begin(client, where, waits.longestMs);
    const watched = { pid, where: `Postgres at ${where}`, target: `${name}, ${about}`, waits, holders };
    const session = createSession(client, where, watched);
    const result = await work(session);
    signal?.throwIfAborted();
    await session.query(isRehearsal ? 'ROLLBACK' : 'COMMIT');
    release(false);
    return result;
  } catch (error) {
    release(true);
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    client.off('error', ignore);
  }
}

/** @returns the server's process */
async function begin(client: PoolClient, where: string, lockTimeoutMs: number): Promise<number> {
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
    await client.query(SET_UP, [String(lockTimeoutMs)]);
    const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
    return rows[0]?.pid ?? 0;
  } catch (error) {
    throw postgresFailure(where, error);
  }
}

/**
 * A load takes as long as it takes: our own caller ends it. Only waits for locks are limited, because a session that
 * waits for one stands in the way of all who want the table after it. The server looks whether we are still there
 * (Linux, from version 14), so that a killed worker's transaction does not hold its table.
 */
const SET_UP = `
  SELECT set_config(known.name, wanted.value, true)
  FROM (VALUES
    ('statement_timeout', '0'), ('lock_timeout', $1), ('transaction_timeout', '0'),
    ('idle_in_transaction_session_timeout', '0'), ('client_connection_check_interval', '1000'), ('TimeZone', 'UTC')
  ) AS wanted (name, value)
  JOIN pg_catalog.pg_settings AS known USING (name)
  WHERE name <> 'client_connection_check_interval' OR version() LIKE '%linux%'`;

async function checkOut(servers: Servers, signal: AbortSignal | undefined): Promise<PoolClient> {
  const connecting = servers.connect();
  try {
    const client = await (signal === undefined ? connecting : orAborted(connecting, signal));
    // A connection that breaks between two statements shows at the next one.
    client.on('error', ignore);
    return client;
  } catch (error) {
    connecting.then((late) => late.release(), ignore);
    signal?.throwIfAborted();
    throw error;
  }
}

function ignore(): void {}

function createSession(client: PoolClient, where: string, watched: WatchedSession): Session {
  async function query(text: string, values: readonly unknown[] = []): Promise<readonly QueryResultRow[]> {
    try {
      const result = await watchStatement(watched, () => client.query<QueryResultRow>(text, [...values]));
      return result.rows;
    } catch (error) {
      throw postgresFailure(where, error);
    }
  }

  return {
    query,
    async attempt(work) {
      await query('SAVEPOINT titan_attempt');
      try {
        const done = await work();
        await query('RELEASE SAVEPOINT titan_attempt');
        return { done };
      } catch (error) {
        const fault = faultOfRows(error);
        if (fault === undefined) throw error;
        await query('ROLLBACK TO SAVEPOINT titan_attempt');
        await query('RELEASE SAVEPOINT titan_attempt');
        return { fault };
      }
    },
    async copy(text, chunks) {
      let source: { readonly error: unknown } | undefined;
      // While we make the next chunk, the server waits for us.
      let isOurTurn = true;
      const iterator = chunks[Symbol.asyncIterator]();
      /** The pipeline throws the server's errors into the generator below: those are none of the source. */
      async function next(isFirst: boolean): Promise<IteratorResult<string>> {
        try {
          // The server may have let us wait: then others have our place.
          if (!isFirst) await watched.waits.end();
          isOurTurn = true;
          return await iterator.next();
        } catch (error) {
          source = { error };
          throw error;
        } finally {
          isOurTurn = false;
        }
      }
      async function* handedOver(): AsyncGenerator<string> {
        try {
          for (let chunk = await next(true); chunk.done !== true; chunk = await next(false)) {
            yield chunk.value;
          }
        } finally {
          await iterator.return?.();
        }
      }
      try {
        const copying = copyFrom(text);
        const send = () => pipeline(Readable.from(handedOver(), { objectMode: false }), client.query(copying));
        await watchStatement(watched, send, () => isOurTurn);
        return copying.rowCount;
      } catch (error) {
        throw source === undefined ? postgresFailure(where, error) : source.error;
      }
    },
  };
}
