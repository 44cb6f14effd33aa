import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from './file-failure.js';

/** Fails as a write would, without one: the first folder on the way that exists must take new files. */
export async function requireWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (!isErrno(error) || error.code !== 'ENOENT' || dirname(folder) === folder) {
      throw error;
    }
    await requireWritable(dirname(folder));
  }
}
