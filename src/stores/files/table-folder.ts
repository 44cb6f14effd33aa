import { constants } from 'node:fs';
import { access, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from './file-failure.js';
import { runFileName } from './file-names.js';
import type { Manifest } from './manifest.js';
import { PART_ENDING } from './part-file.js';
import { REJECTS } from './rejects-file.js';

export function dataFileName(run: string): string {
  return `${runFileName(run)}.jsonl`;
}

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

/** What a load that was killed has left. Needs the table's lock. */
export async function removeParts(folder: string): Promise<void> {
  for (const place of [folder, join(folder, REJECTS)]) {
    const parts = (await listFolder(place)).filter((name) => name.endsWith(PART_ENDING));
    await Promise.all(parts.map((name) => rm(join(place, name), { force: true })));
  }
}

/** Removes data files of ours that neither this manifest nor the one before it lists; what others put there stays. */
export async function removeSuperseded(folder: string, { files, superseded, receipts }: Manifest): Promise<void> {
  const needed = new Set([...files.map(({ name }) => name), ...superseded]);
  const ours = new Set(receipts.map(({ run }) => dataFileName(run)));
  const stale = (await listFolder(folder)).filter((name) => ours.has(name) && !needed.has(name));
  await Promise.all(stale.map((name) => rm(join(folder, name), { force: true })));
}

/** The first load of a table that comes to nothing leaves nothing. */
export async function removeEmptyFolder(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
