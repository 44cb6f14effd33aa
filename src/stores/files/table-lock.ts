import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { NO_WAITS, type Waits } from '../../domain/waits.js';
import { StoreError } from '../store.js';
import { isErrno } from '../layout/file-failure.js';
import { HOST, isAlive } from '../layout/this-process.js';

export interface TableLock {
  isHeld(): Promise<boolean>;
  /**
   * Call it right before the manifest is written: a process that was frozen for a minute has lost its lock.
   *
   * @throws StoreError
   */
  requireHeld(): Promise<void>;
  release(): Promise<void>;
}

/**
 * One load at a time writes to a table, among all processes that share the folder: its `_lock` file can be created
 * only once. A holder touches the file while it lives; if it was killed, others see at once that its process is gone,
 * or, where they cannot see its processes (another container), that the file was not touched for a minute.
 *
 * @throws StoreError where others have it for too long
 */
export async function lockTable(folder: string, signal: AbortSignal, waits: Waits = NO_WAITS): Promise<TableLock> {
  const path = join(folder, '_lock');
  const token = randomUUID();
  await waitForLock(path, token, signal, waits);
  const touch = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, TOUCH_MS).unref();
  const isHeld = async (): Promise<boolean> => (await readHolder(path))?.token === token;
  return {
    isHeld,
    async requireHeld() {
      if (!(await isHeld())) {
        throw new StoreError('unavailable', `${path}: another process took the lock, because this one stood still.`);
      }
    },
    async release() {
      clearInterval(touch);
      if (await isHeld()) {
        await rm(path, { force: true });
      }
    },
  };
}

async function waitForLock(path: string, token: string, signal: AbortSignal, waits: Waits): Promise<void> {
  const giveUpAt = Date.now() + waits.longestMs;
  try {
    while (!(await tryLock(path, token))) {
      signal.throwIfAborted();
      await breakStaleLock(path);
      const held = `held by ${describeHolder(await readHolder(path))}`;
      if (!waits.begin(`the lock ${path}, ${held}`, 'lock'))
        throw stillLocked(path, held, 'others wait for locks there');
      if (Date.now() > giveUpAt) throw stillLocked(path, held, `waited ${waits.longestMs / 1000} s`);
      await delay(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  await waits.end().catch(async (error: unknown) => {
    await rm(path, { force: true });
    throw error;
  });
}

function describeHolder(holder: Holder | undefined): string {
  if (holder === undefined) return 'another load';
  return holder.host === HOST ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host.split(' ')[0]}`;
}

function stillLocked(path: string, held: string, why: string): StoreError {
  return new StoreError('unavailable', `${path} is ${held}; ${why}, and it is tried again.`, { isBusy: true });
}

const RETRY_MS = 50;
const TOUCH_MS = 5_000;
const STALE_MS = 60_000;
/** Breaking takes a moment; a breaker that was killed in it must not stand in the way. */
const STALE_BREAK_MS = 5_000;

const holderSchema = z.object({ pid: z.number(), host: z.string(), token: z.string() });
type Holder = z.infer<typeof holderSchema>;

async function tryLock(path: string, token: string): Promise<boolean> {
  const holder: Holder = { pid: process.pid, host: HOST, token };
  // In the loop: a load that came to nothing may remove the empty folder while others wait.
  await mkdir(dirname(path), { recursive: true });
  return createOnce(path, JSON.stringify(holder));
}

/** Only one waiter at a time may break a lock, and only the one it has judged: another may have been taken since. */
async function breakStaleLock(path: string): Promise<void> {
  if (!(await isStale(path))) {
    return;
  }
  const breaking = `${path}.break`;
  if (!(await createOnce(breaking, String(process.pid)))) {
    if ((await age(breaking)) > STALE_BREAK_MS) {
      await rm(breaking, { force: true });
    }
    return;
  }
  try {
    if (await isStale(path)) {
      await rm(path, { force: true });
    }
  } finally {
    await rm(breaking, { force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  if (holder !== undefined && holder.host === HOST && !isAlive(holder.pid)) {
    return true;
  }
  return (await age(path)) > STALE_MS;
}

/** @returns undefined where there is no lock, or it is just being written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function age(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

async function createOnce(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isErrno(error) && (error.code === 'EEXIST' || error.code === 'ENOENT')) {
      return false;
    }
    throw error;
  }
}
