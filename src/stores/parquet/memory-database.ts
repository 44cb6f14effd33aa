import { rm } from 'node:fs/promises';
import { IN_MEMORY, openInstance } from '../duckdb/open-instance.js';
import { createSession, type Session } from '../duckdb/session.js';

export interface MemoryDatabase {
  readonly session: Session;
  close(): Promise<void>;
}

/**
 * Opens a database in memory for work on one file. What does not fit is put into the folder `<path>.spill.part`, which
 * goes when it is closed. It has one thread, so that rows stay in the order of the file that they are read from.
 */
export async function openMemoryDatabase(path: string, signal: AbortSignal): Promise<MemoryDatabase> {
  const spillFolder = `${path}.spill.part`;
  const instance = await openInstance(IN_MEMORY, spillFolder, 1);
  const connection = await instance.connect();
  const session = createSession(connection, path, signal);
  return {
    session,
    async close() {
      await session.settled();
      connection.closeSync();
      instance.closeSync();
      await rm(spillFolder, { recursive: true, force: true });
    },
  };
}
