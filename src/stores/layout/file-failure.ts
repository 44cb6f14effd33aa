import { storeFact } from '../../domain/store-facts.js';
import { reasonFor, StoreError } from '../store.js';

/**
 * Says what a failed file operation means, by its errno: a full disk or a missing permission can be mended, and then
 * the same call works; a file where a folder should be is a wrong setting. Anything that is no file operation's
 * failure is handed back as it is.
 */
export function fileFailure(error: unknown): unknown {
  if (!isErrno(error)) {
    return error;
  }
  const fact = storeFact('files', [error.code]);
  const words = fact.says === '' ? error.message : fact.why;
  return new StoreError(reasonFor(fact), `${error.path ?? 'The store'}: ${words} (${error.code}).`, { cause: error });
}

export function isErrno(error: unknown): error is Error & { readonly code: string; readonly path?: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
