import type { DuckDBConnection, DuckDBValue, Json } from '@duckdb/node-api';
import { duckdbFailure } from './duckdb-failure.js';

/** A connection to a database. Statements fail as StoreError; after an abort, with the signal's reason. */
export interface Session {
  /** @returns the rows of the last statement: a BIGINT as text, a list as an array. */
  query(sql: string, values?: readonly DuckDBValue[]): Promise<readonly Readonly<Record<string, Json>>[]>;
  /** The first column of a query, a chunk at a time: no more of it is in memory. */
  texts(sql: string): AsyncGenerator<readonly string[]>;
}

/** @param where what messages call the database */
export function createSession(connection: DuckDBConnection, where: string, signal?: AbortSignal): Session {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    const stopInterrupting = interruptOnAbort(connection, signal);
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw duckdbFailure(where, error);
    } finally {
      stopInterrupting();
    }
  };
  return {
    query: (sql, values = []) =>
      attempt(async () => {
        const reader = await connection.runAndReadAll(sql, [...values]);
        return reader.getRowObjectsJson();
      }),
    async *texts(sql) {
      const result = await attempt(() => connection.stream(sql));
      for (;;) {
        const chunk = await attempt(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) {
          return;
        }
        yield chunk.getColumnValues(0).map(String);
      }
    },
  };
}

/** DuckDB forgets an interrupt that comes just before a statement starts: it is told until the statement ends. */
function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    timer ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  return () => {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(timer);
  };
}

const INTERRUPT_EVERY_MS = 50;
