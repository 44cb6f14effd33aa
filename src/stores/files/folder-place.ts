import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Waits } from '../../domain/waits.js';
import { isErrno } from '../layout/file-failure.js';
import { MANIFEST } from '../layout/file-names.js';
import type { Place, SeenManifest, TablePlace } from '../layout/place.js';
import { requireWritable } from '../layout/require-writable.js';
import { StoreError } from '../store.js';
import { lockTable, type TableLock } from './table-lock.js';

/**
 * Tables in folders of this machine. What is seen under its name is whole, and on the disk. Loads of one table take turns,
 * among all processes that share the folder; their own files are in its `_work`.
 */
export function openFolderPlace(directory: string): Place {
  return {
    requireUsable: (table) => requireWritable(join(directory, table)),
    table: (table, waits) => openTableFolder(join(directory, table), waits),
    tables: () => listFolders(directory),
    close: () => undefined,
  };
}

function openTableFolder(folder: string, waits: Waits | undefined): TablePlace {
  let lock: TableLock | undefined;
  const works = join(folder, '_work');
  // A load that lost its lock while it stood still must find nothing of the next one's.
  const work = join(works, randomUUID());
  return {
    readManifest: () => readManifest(join(folder, MANIFEST)),
    async swapManifest(text, seen) {
      await lock?.requireHeld();
      if ((await readManifest(join(folder, MANIFEST)))?.version !== seen?.version) {
        return false;
      }
      const path = join(work, MANIFEST);
      await writeFile(path, text);
      await moveDurably(path, join(folder, MANIFEST));
      if (seen === undefined) {
        await sync(dirname(folder));
      }
      return true;
    },
    async fetch({ name }) {
      const path = join(folder, name);
      await access(path).catch(() => {
        const told = `${path} is gone, but the manifest lists it: put it back, or remove the table's folder.`;
        throw new StoreError('rejected', told);
      });
      return path;
    },
    async put({ path }, name) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await moveDurably(path, join(folder, name));
      return true;
    },
    async remove(names) {
      await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
    },
    async inTurn(signal, load) {
      const held = await lockTable(folder, signal, waits);
      lock = held;
      try {
        // What a load that was killed has left.
        await rm(works, { recursive: true, force: true });
        await mkdir(work, { recursive: true });
        return await load(work);
      } finally {
        await leave(held);
      }
    },
  };

  async function leave(held: TableLock): Promise<void> {
    if (await held.isHeld()) {
      await rm(works, { recursive: true, force: true });
    }
    await held.release();
    // The first load of a table that comes to nothing leaves nothing.
    await rmdir(folder).catch(() => undefined);
  }
}

async function readManifest(path: string): Promise<SeenManifest | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    const { ino, mtimeNs } = await stat(path, { bigint: true });
    return { text, version: `${ino} ${mtimeNs}` };
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** The file is on the disk before it has its name, and has its name before this is done. */
async function moveDurably(from: string, to: string): Promise<void> {
  await sync(from);
  await rename(from, to);
  await sync(dirname(to));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function listFolders(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
