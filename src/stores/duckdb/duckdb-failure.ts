import { storeFact } from '../../domain/store-facts.js';
import { reasonFor, StoreError } from '../store.js';

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
  const reason = reasonFor(storeFact('duckdb', [], message));
  return new StoreError(reason, `${where}: ${message}`, { cause: error });
}

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
