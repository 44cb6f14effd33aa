import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../store.js';
import { isErrno } from './file-failure.js';
import { HOST, isAlive } from './this-process.js';

/** A new folder of this process among the system's temporary files (`TMPDIR`); whoever asks for it removes it. */
export async function makeTemporaryFolder(): Promise<string> {
  swept ??= sweep();
  try {
    await swept;
  } catch (error) {
    // The folder may be there next time.
    swept = undefined;
    throw error;
  }
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

export async function withTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await makeTemporaryFolder();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws StoreError where a load would find no temporary folder that it can use */
export async function requireTemporaryFolder(): Promise<void> {
  try {
    await withTemporaryFolder((folder) => writeFile(join(folder, 'check'), 'check'));
  } catch (error) {
    if (!isErrno(error)) throw error;
    const where = `the temporary folder ${tmpdir()} (TMPDIR), where a load keeps its files,`;
    throw new StoreError(
      'rejected',
      `${where} cannot be used: ${error.code}; name one that this process can write to`,
      {
        cause: error,
      },
    );
  }
}

let swept: Promise<void> | undefined;

const PREFIX = `titanflow-work-${createHash('sha256').update(HOST).digest('hex').slice(0, 12)}-`;

/** Removes what processes have left that were killed. */
async function sweep(): Promise<void> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    return !Number.isNaN(pid) && !isAlive(pid);
  });
  // Another process may be at it, too, or the folder may be another user's.
  await Promise.all(
    left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)),
  );
}
