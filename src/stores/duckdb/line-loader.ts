import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { fileFailure, isErrno } from '../layout/file-failure.js';
import type { DatabaseSession } from './database.js';

export interface LineLoader {
  /** @param lines whole lines of JSON */
  add(lines: string): Promise<void>;
  /** All lines are in the database when it returns. */
  finish(): Promise<void>;
  /** Removes what lies in files. Harmless after `finish`. */
  discard(): Promise<void>;
}

/**
 * Brings lines of JSON into the database by way of files of some megabytes: DuckDB reads JSON faster than JavaScript
 * can hand over values, and while it reads one file the next is written. However many lines there are, two files are
 * all that lies on the disk.
 *
 * @param insert SQL that inserts what lies in a file
 */
export function createLineLoader(session: DatabaseSession, insert: (path: string) => string): LineLoader {
  let current: { readonly path: string; readonly file: FileHandle } | undefined;
  let bytes = 0;
  let inserting: Promise<void> = Promise.resolve();

  const rotate = async (): Promise<void> => {
    if (current === undefined) {
      return;
    }
    const { path, file } = current;
    current = undefined;
    bytes = 0;
    await file.close();
    await inserting;
    inserting = insertFile(session, insert(path), path);
    // Whoever waits for it next is told of its failure.
    inserting.catch(() => undefined);
  };
  return {
    async add(lines) {
      const content = Buffer.from(lines);
      try {
        current ??= await openFile(session.scratch);
        await current.file.writeFile(content);
      } catch (error) {
        // A write to an open file does not tell which.
        throw fileFailure(isErrno(error) ? Object.assign(error, { path: session.scratch }) : error);
      }
      bytes += content.length;
      if (bytes >= FILE_BYTES) {
        await rotate();
      }
    },
    async finish() {
      await rotate();
      await inserting;
    },
    async discard() {
      await current?.file.close();
      await (current === undefined ? undefined : rm(current.path, { force: true }));
      await inserting.catch(() => undefined);
    },
  };
}

/** Big enough that a file costs little, small enough to be read in one piece. */
const FILE_BYTES = 16 * 1024 * 1024;

async function openFile(folder: string): Promise<{ readonly path: string; readonly file: FileHandle }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${randomUUID()}.jsonl`);
  return { path, file: await open(path, 'wx') };
}

async function insertFile(session: DatabaseSession, statement: string, path: string): Promise<void> {
  try {
    await session.query(statement);
  } finally {
    await rm(path, { force: true });
  }
}
