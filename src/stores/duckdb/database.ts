import { access } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { orAborted } from '../../domain/or-aborted.js';
import { NO_WAITS, type Waits } from '../../domain/waits.js';
import { fileFailure } from '../layout/file-failure.js';
import { StoreError } from '../store.js';
import { duckdbFailure } from './duckdb-failure.js';
import { createSession, type Session } from './session.js';
import { placeOf, shareInstance, type SharedInstance } from './shared-instance.js';
import { quoteName } from './sql-text.js';

/** A connection to a database file. */
export interface DatabaseSession extends Session {
  /** The database's own name, for SQL: its file may be called like a schema. */
  readonly catalog: string;
  /** A folder for rows on their way. Whoever puts a file there makes it. */
  readonly scratch: string;
  /** Runs statements as one; if `work` throws, or the signal aborts, nothing of them stays. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

/** A database file that is open only while something is done with it. */
export interface Database {
  exists(): Promise<boolean>;
  /**
   * Runs `work` on a connection of its own. Waits some seconds for another process that has the file.
   *
   * @throws StoreError; whatever `work` throws; the signal's reason
   */
  read<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T>;
  /** The same for what changes the database: in one process, one after another. Makes the file where there is none. */
  change<T>(work: (session: DatabaseSession) => Promise<T>, signal: AbortSignal, waits?: Waits): Promise<T>;
}

/** @param maxWaitMs how long another process may have the file before it counts as unavailable */
export function openDatabase(path: string, maxWaitMs = MAX_WAIT_MS): Database {
  return {
    async exists() {
      try {
        await access(path);
        return true;
      } catch {
        return false;
      }
    },
    read: async (work) => connected({ place: await findPlace(path), maxWaitMs, waits: NO_WAITS }, work, undefined),
    async change(work, signal, waits = NO_WAITS) {
      const place = await findPlace(path);
      return inTurn({ place, maxWaitMs, waits }, signal, () => connected({ place, maxWaitMs, waits }, work, signal));
    },
  };
}

async function findPlace(path: string): Promise<string> {
  try {
    return await placeOf(path);
  } catch (error) {
    throw fileFailure(error);
  }
}

/** By file, whichever store asks: a second load would otherwise fail where it meets the first. */
const turns = new Map<string, Promise<unknown>>();

/** Who waits for its turn when it is aborted leaves at once; who has it ends as `work` does. */
async function inTurn<T>({ place, waits }: Waiting, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = turns.get(place);
  if (before !== undefined) waits.begin(`the load before it into DuckDB at ${place}`, 'turn');
  const previous = before ?? Promise.resolve();
  const turn = previous.then(async () => {
    signal.throwIfAborted();
    await waits.end();
    return work();
  });
  const over = turn
    .catch(() => undefined)
    .finally(() => {
      if (turns.get(place) === over) turns.delete(place);
    });
  turns.set(place, over);
  await orAborted(previous, signal);
  return turn;
}

interface Waiting {
  readonly place: string;
  readonly maxWaitMs: number;
  readonly waits: Waits;
}

async function connected<T>(
  waiting: Waiting,
  work: (session: DatabaseSession) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const shared = await openWaiting(waiting, signal);
  try {
    const connection = await shared.instance.connect();
    const session = createSession(connection, `DuckDB at ${waiting.place}`, signal);
    try {
      return await work(await databaseSession(session, shared, signal));
    } finally {
      // A transaction that is open is rolled back.
      await session.settled();
      connection.closeSync();
    }
  } finally {
    await shared.release();
  }
}

async function databaseSession(
  session: Session,
  { scratch }: SharedInstance,
  signal: AbortSignal | undefined,
): Promise<DatabaseSession> {
  await session.query(`SET TimeZone = 'UTC'`);
  const [row] = await session.query('SELECT current_database() AS name');
  return {
    ...session,
    scratch,
    catalog: quoteName(String(row?.['name'])),
    async transaction(work) {
      await session.query('BEGIN');
      const result = await work();
      signal?.throwIfAborted();
      await session.query('COMMIT');
      return result;
    },
  };
}

/** Another process that loads into the file has it for itself until it is done. */
async function openWaiting(waiting: Waiting, signal: AbortSignal | undefined): Promise<SharedInstance> {
  const { place, maxWaitMs, waits } = waiting;
  const giveUpAt = Date.now() + maxWaitMs;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    signal?.throwIfAborted();
    try {
      const shared = await shareInstance(place);
      await waits.end().catch(async (error: unknown) => {
        await shared.release();
        throw error;
      });
      return shared;
    } catch (error) {
      const holder = holderOf(error);
      if (holder === undefined) {
        throw signal?.aborted === true ? signal.reason : duckdbFailure(`DuckDB at ${place}`, error);
      }
      const mayWait = waits.begin(`the file of DuckDB at ${place}, which ${holder} has open`, 'lock');
      if (!mayWait || Date.now() >= giveUpAt) {
        const since = mayWait ? `has had the file open for ${maxWaitMs / 1000} seconds` : 'has the file open';
        const told = `DuckDB at ${place}: ${holder} ${since}; close it there, or let it finish, for a database file is open in one process at a time.`;
        throw new StoreError('unavailable', told, { cause: error, isBusy: true });
      }
    }
    // Those who wait do not come back all at once.
    await pause(delay * (0.5 + Math.random()), signal);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Who has the file, as far as DuckDB tells; undefined = that is not what went wrong. */
function holderOf(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : '';
  if (!LOCKED.test(message)) {
    return undefined;
  }
  const [, program, pid] = HOLDER.exec(message) ?? [];
  return program === undefined ? 'another process' : `${program} (process ${pid})`;
}

/** On Windows the system tells. */
const LOCKED = /Could not set lock on file|used by another process/;
const HOLDER = /(?:held in|open in)\s+(\S.*?) \(PID (\d+)\)/;
const MAX_WAIT_MS = 10_000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;
