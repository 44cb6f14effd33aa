import { StoreError } from '../store.js';

/**
 * Says what a failed file operation means, by its errno: a full disk or a missing permission can be mended, and then
 * the same call works; a file where a folder should be is a wrong setting. Anything that is no file operation's
 * failure is handed back as it is.
 */
export function fileFailure(error: unknown): unknown {
  if (!isErrno(error)) {
    return error;
  }
  const reason = WRONG_SETTINGS.has(error.code) ? 'rejected' : 'unavailable';
  const words = SAYS[error.code] ?? error.message;
  return new StoreError(reason, `${error.path ?? 'The store'}: ${words} (${error.code}).`, { cause: error });
}

export function isErrno(error: unknown): error is Error & { readonly code: string; readonly path?: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

const WRONG_SETTINGS = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENAMETOOLONG', 'EINVAL', 'ELOOP']);

const SAYS: Readonly<Record<string, string>> = {
  EACCES: 'this process may not write or read there',
  EPERM: 'this process may not do that there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file stands where a folder should be',
  ENOTDIR: 'a file stands where a folder should be',
  ENOENT: 'it is gone',
};
