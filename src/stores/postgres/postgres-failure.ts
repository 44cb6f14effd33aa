import { storeFact } from '../../domain/store-facts.js';
import { reasonFor, StoreError } from '../store.js';
import { isRaised, wordsWithoutRows, type PostgresWords } from './words-without-rows.js';

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
  const reason = reasonFor(storeFact('postgres', [code, routine], message));
  const told = [
    ...wordsWithoutRows({ code: isSqlstate(code) ? code : undefined, message, detail, routine }),
    code === undefined ? undefined : `(${code})`,
  ];
  const words = told.filter((part) => part !== undefined && part !== '').join(' ');
  return new StoreError(reason, `Postgres at ${where}: ${words}`, { cause: error });
}

/** What Postgres advises against an error; undefined where it has no advice. */
export function hintOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'hint' in cause && typeof cause.hint === 'string' ? cause.hint : undefined;
}

/** What we find wrong with the rows that were written, where Postgres itself finds nothing. */
export class RowFault extends Error {
  override readonly name = 'RowFault';
}

/**
 * Says what is wrong with the rows that a statement writes, where it failed because of them: another set of rows may do.
 *
 * @returns words without what a row holds; undefined for any other failure
 */
export function faultOfRows(error: unknown): string | undefined {
  if (error instanceof RowFault) return error.message;
  if (!(error instanceof StoreError) || !(error.cause instanceof Error)) return undefined;
  const facts = factsOf(error.cause);
  const { code } = facts;
  if (code === undefined || !isSqlstate(code) || !isOfRows(code, facts)) return undefined;
  return `Postgres refused it: ${[...wordsWithoutRows(facts), `(${code})`].join(' ')}`;
}

/**
 * 22 data, 23 constraints, 44 the check option of a view, 54000 too big for a page or an index, 42501 with these words: a
 * policy; and whatever a trigger raises.
 */
function isOfRows(code: string, { message, routine }: PostgresWords): boolean {
  if (/^(?:22|23|44|54000)/.test(code) || isRaised(code, routine)) return true;
  return code === '42501' && message.includes('row-level security');
}

/** Not an errno such as EPIPE, which has five letters too. */
const SQLSTATE = /^(?!E)[\dA-Z]{5}$/;
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
