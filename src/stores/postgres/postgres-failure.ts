import { StoreError } from '../store.js';
import { wordsWithoutRows, type PostgresWords } from './words-without-rows.js';

/**
 * Says whether a failed connection or statement may work later. SQLSTATEs:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 *
 * @param where `host:port/database`: the URL and its password are never shown.
 */
export function postgresFailure(where: string, error: unknown): StoreError {
  if (error instanceof StoreError) {
    return error;
  }
  const { code, message, detail, routine } = factsOf(error);
  const reason = mayWorkLater(code, message) ? 'unavailable' : 'rejected';
  const told = [
    ...wordsWithoutRows({ code: isSqlstate(code) ? code : undefined, message, detail, routine }),
    code === undefined ? undefined : `(${code})`,
  ];
  const words = told.filter((part) => part !== undefined && part !== '').join(' ');
  return new StoreError(reason, `Postgres at ${where}: ${words}`, { cause: error });
}

/**
 * 08 connection, 40 rollback, 53 resources, 55006 and 55P03 locks, 57014 cancelled, 57P01 to 03 and 05 going down or
 * starting, 58 system, 25006 a standby after a failover, XX internal.
 */
const PASSING = /^(08|40001|40P01|53|55006|55P03|57014|57P0[1235]|58|25006|XX)/;
/** Not an errno such as EPIPE, which has five letters too. */
const SQLSTATE = /^(?!E)[\dA-Z]{5}$/;
/** What a driver says without a SQLSTATE where settings are wrong: TLS that is not offered or not trusted, no password. */
const WRONG_SETTINGS = /SSL|TLS|certificate|password must be/i;

function mayWorkLater(code: string | undefined, message: string): boolean {
  if (code !== undefined && isSqlstate(code)) {
    return PASSING.test(code);
  }
  return !WRONG_SETTINGS.test(`${code ?? ''} ${message}`);
}

function isSqlstate(code: string | undefined): boolean {
  return code !== undefined && SQLSTATE.test(code);
}

function factsOf(error: unknown): PostgresWords {
  if (!(error instanceof Error)) {
    return { code: undefined, message: String(error), detail: undefined, routine: undefined };
  }
  // A host with several addresses fails with an AggregateError, whose own message is empty.
  const message = error.message === '' && error instanceof AggregateError ? String(error.errors[0]) : error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : undefined;
  const routine = 'routine' in error && typeof error.routine === 'string' ? error.routine : undefined;
  return { code, message, detail, routine };
}
