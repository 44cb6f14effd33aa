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
  const message = withoutRows(error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const reason = PASSING.test(message) && !NEVER.test(message) ? 'unavailable' : 'rejected';
  return new StoreError(reason, `${where}: ${message}`, { cause: error });
}

/** Disk, memory and conflicts may pass. After a fatal or internal error the database is opened anew. */
const PASSING = /^(IO|Out of Memory|TransactionContext|Transaction|FATAL|INTERNAL|Connection|INTERRUPT) Error/i;
/** The file is something else, or of a version that this one does not know. */
const NEVER = /not a valid DuckDB database file|version number|newer version|Is a directory|Not a directory/i;

/** Errors of values: the words behind quote the value, or show it in brackets. */
const OF_VALUES =
  /^(?:(?:Conversion|Constraint|Invalid Input|Invalid|Out of Range|Mismatch Type|Invalid Type|Data|Serialization|Decimal|INTERNAL) Error|TransactionContext Error)/i;
const VALUE = /["'(]|\bvalue (?=[^o])|: (?=[\d-])/;

/** No row stands in a failure: what follows may be one. */
function withoutRows(message: string): string {
  if (!OF_VALUES.test(message)) return message;
  const at = VALUE.exec(message)?.index;
  return at === undefined ? message : `${message.slice(0, at)}…`;
}
