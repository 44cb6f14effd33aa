import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { duckdbFailure } from './duckdb-failure.js';

/**
 * A connection to a database. Statements take turns, and fail as StoreError; after an abort, with the signal's reason.
 */
export interface Session {
  /** @returns the rows of the last statement: a BIGINT as text, a list as an array. */
  query(sql: string, values?: readonly DuckDBValue[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The first column of a query, a chunk at a time: no more of it is in memory. */
  texts(sql: string): AsyncGenerator<readonly string[]>;
  /** Resolves when no statement is under way: only then may the connection be closed. Never rejects. */
  settled(): Promise<void>;
}

/** @param where what messages call the database */
export function createSession(connection: DuckDBConnection, where: string, signal?: AbortSignal): Session {
  let turn: Promise<unknown> = Promise.resolve();
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
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const outcome = turn.then(() => attempt(work));
    turn = outcome.catch(() => undefined);
    return outcome;
  };
  return {
    query: (sql, values = []) =>
      inTurn(async () => {
        const reader = await connection.runAndReadAll(sql, [...values]);
        return reader.getRowObjectsJson();
      }),
    async *texts(sql) {
      const result = await inTurn(() => connection.stream(sql));
      for (;;) {
        const chunk = await inTurn(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) {
          return;
        }
        yield chunk.getColumnValues(0).map(String);
      }
    },
    async settled() {
      await turn;
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
