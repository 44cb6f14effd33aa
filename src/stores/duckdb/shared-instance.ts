import { mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { openInstance } from './open-instance.js';

/** A database file that is open in this process. */
export interface SharedInstance {
  readonly instance: DuckDBInstance;
  /** `<path>.loading`, for what does not fit in memory and for rows on their way. It goes when the database is closed. */
  readonly scratch: string;
  /** The last one who releases it closes the file, so that other processes can have it. */
  release(): Promise<void>;
}

/**
 * Opens a database file, or joins those who have it open: two instances of one file in one process would ruin it, for
 * the file lock keeps out other processes only. Makes the file where it is missing.
 *
 * @param place see {@link placeOf}
 * @throws what DuckDB throws, e.g. where another process has the file
 */
export async function shareInstance(place: string): Promise<SharedInstance> {
  for (let closing = open.get(place)?.closing; closing !== undefined; closing = open.get(place)?.closing) {
    await closing;
  }
  const known = open.get(place) ?? { users: 0, opened: openPlace(place) };
  open.set(place, known);
  known.users += 1;
  try {
    const instance = await known.opened;
    return { instance, scratch: scratchOf(place), release: () => leave(place, known, instance) };
  } catch (error) {
    if (open.get(place) === known) {
      open.delete(place);
    }
    throw error;
  }
}

interface OpenPlace {
  users: number;
  readonly opened: Promise<DuckDBInstance>;
  closing?: Promise<void>;
}

const open = new Map<string, OpenPlace>();

/** One text for one file, whatever links lead to it. Makes the folder that it is in, where that is missing. */
export async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    await mkdir(dirname(path), { recursive: true });
    return join(await realpath(dirname(path)), basename(path));
  }
}

function scratchOf(place: string): string {
  return `${place}.loading`;
}

async function openPlace(place: string): Promise<DuckDBInstance> {
  const instance = await openInstance(place, scratchOf(place), THREADS);
  // We have the file to ourselves: what lies there is of a process that was killed.
  await rm(scratchOf(place), { recursive: true, force: true });
  return instance;
}

/** As it is closed, a database is written up: that is done before, off the main thread, while others may still join. */
async function leave(place: string, known: OpenPlace, instance: DuckDBInstance): Promise<void> {
  if (known.users === 1) {
    await checkpoint(instance);
  }
  known.users -= 1;
  if (known.users === 0) {
    known.closing = closePlace(place, instance);
    await known.closing;
  }
}

async function closePlace(place: string, instance: DuckDBInstance): Promise<void> {
  try {
    instance.closeSync();
    await rm(scratchOf(place), { recursive: true, force: true });
  } finally {
    open.delete(place);
  }
}

/** Where it fails, the rows are safe in the log beside the file: whoever opens it next goes on from there. */
async function checkpoint(instance: DuckDBInstance): Promise<void> {
  try {
    const connection = await instance.connect();
    await connection.run('CHECKPOINT').finally(() => connection.closeSync());
  } catch {
    return;
  }
}

/** The machine has other work, and each thread has buffers of its own. */
const THREADS = 2;
