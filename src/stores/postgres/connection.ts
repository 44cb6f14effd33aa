import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client, Pool, type PoolClient, type QueryResultRow } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { orAborted } from '../../domain/or-aborted.js';
import { StoreError } from '../store.js';
import { postgresFailure } from './postgres-failure.js';

/** A transaction under way. Statements fail as StoreError. */
export interface Session {
  query(text: string, values?: readonly unknown[]): Promise<readonly QueryResultRow[]>;
  /** Sends chunks to a `COPY … FROM STDIN` no faster than the server takes them; what `chunks` throws passes through. */
  copy(text: string, chunks: AsyncIterable<string>): Promise<void>;
}

export interface Connections {
  /**
   * Runs `work` in one transaction on one connection. If it throws, or `signal` aborts, the connection is cut and the
   * server rolls back.
   *
   * @throws StoreError; whatever `work` throws; the signal's reason
   */
  transaction<T>(work: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

/** @throws StoreError `rejected` where `url` is none. */
export function openConnections(name: string, url: string): Connections {
  const where = addressOf(name, url);
  const pool = new Pool({
    connectionString: url,
    application_name: 'titanflow',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: CONNECT_TIMEOUT_MS,
  });
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  let closed: Promise<void> | undefined;
  return {
    transaction: (work, signal) => transaction(pool, where, work, signal),
    close: () => (closed ??= pool.end()),
  };
}

const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;

function addressOf(name: string, url: string): string {
  try {
    const { host, port, database } = new Client({ connectionString: url });
    return `${host}:${port}/${database ?? ''}`;
  } catch {
    // No cause: the driver's error quotes the URL.
    throw new StoreError('rejected', `The store ${JSON.stringify(name)} has a url that is not a Postgres URL.`);
  }
}

async function transaction<T>(
  pool: Pool,
  where: string,
  work: (session: Session) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const client = await checkOut(pool, where, signal);
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
    const session = createSession(client, where);
    await session.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
    await session.query(SET_UP);
    const result = await work(session);
    signal?.throwIfAborted();
    await session.query('COMMIT');
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

/**
 * A load takes as long as it takes: our own caller ends it. The server looks whether we are still there (Linux, from
 * version 14), so that a killed worker's transaction does not hold its table.
 */
const SET_UP = `
  SELECT set_config(known.name, wanted.value, true)
  FROM (VALUES
    ('statement_timeout', '0'), ('lock_timeout', '0'), ('transaction_timeout', '0'),
    ('idle_in_transaction_session_timeout', '0'), ('client_connection_check_interval', '1000'), ('TimeZone', 'UTC')
  ) AS wanted (name, value)
  JOIN pg_catalog.pg_settings AS known USING (name)
  WHERE name <> 'client_connection_check_interval' OR version() LIKE '%linux%'`;

async function checkOut(pool: Pool, where: string, signal: AbortSignal | undefined): Promise<PoolClient> {
  const connecting = pool.connect();
  try {
    const client = await (signal === undefined ? connecting : orAborted(connecting, signal));
    // A connection that breaks between two statements shows at the next one.
    client.on('error', ignore);
    return client;
  } catch (error) {
    connecting.then((late) => late.release(), ignore);
    signal?.throwIfAborted();
    throw postgresFailure(where, error);
  }
}

function ignore(): void {}

function createSession(client: PoolClient, where: string): Session {
  return {
    async query(text, values = []) {
      try {
        const result = await client.query<QueryResultRow>(text, [...values]);
        return result.rows;
      } catch (error) {
        throw postgresFailure(where, error);
      }
    },
    async copy(text, chunks) {
      let source: { readonly error: unknown } | undefined;
      async function* watched(): AsyncGenerator<string> {
        try {
          yield* chunks;
        } catch (error) {
          source = { error };
          throw error;
        }
      }
      try {
        await pipeline(Readable.from(watched(), { objectMode: false }), client.query(copyFrom(text)));
      } catch (error) {
        throw source === undefined ? postgresFailure(where, error) : source.error;
      }
    },
  };
}
