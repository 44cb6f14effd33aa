import { StoreError } from '../store.js';

/**
 * Says whether a failed statement may work later, by the kind that DuckDB's message begins with.
 *
 * @param where the database, or the file, as a reader of the message should know it
 */
export function duckdbFailure(where: string, error: unknown): StoreError {
  if (error instanceof StoreError) {
    return error;
  }
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const reason = PASSING.test(message) && !NEVER.test(message) ? 'unavailable' : 'rejected';
  return new StoreError(reason, `${where}: ${message}`, { cause: error });
}

/** Disk, memory and conflicts may pass. After a fatal or internal error the database is opened anew. */
const PASSING = /^(IO|Out of Memory|TransactionContext|Transaction|FATAL|INTERNAL|Connection|INTERRUPT) Error/i;
/** The file is something else, or of a version that this one does not know. */
const NEVER = /not a valid DuckDB database file|version number|newer version|Is a directory|Not a directory/i;
