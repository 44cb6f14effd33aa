import { A_MOMENT_MS, type Waits } from '../../domain/waits.js';
import { StoreError } from '../store.js';
import type { LockHolders } from './lock-holders.js';

export interface WatchedSession {
  readonly pid: number;
  /** The server, as messages call it. */
  readonly where: string;
  /** The table to be locked, as messages call it, e.g. `warehouse, table prices`. */
  readonly target: string;
  readonly waits: Waits;
  readonly holders: LockHolders;
}

/**
 * Runs a statement. When nothing has come of it for a moment, the place among those that work is given up until it ends,
 * and if it waits for a lock, it is said who holds that.
 *
 * @param isOurTurn whether it is us who keeps the statement from going on, at the moment
 * @throws StoreError where it has waited for a lock long enough; what `run` throws
 */
export async function watchStatement<Result>(
  session: WatchedSession,
  run: () => Promise<Result>,
  isOurTurn: () => boolean = () => false,
): Promise<Result> {
  const { pid, where, waits, holders } = session;
  let [isLooking, isOver] = [false, false];
  let holder: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      const look = async (): Promise<void> => {
        if (isLooking || isOurTurn()) return;
        isLooking = true;
        const held = await holders.of(pid);
        isLooking = false;
        if (isOver || isOurTurn()) return;
        holder = held ?? holder;
        if (held === undefined) waits.begin(`${where} to answer`, 'turn');
        else if (!waits.begin(`the lock of ${session.target}, held by ${held}`, 'lock')) {
          reject(stillLocked(session, held, 'others wait for locks there already'));
        }
      };
      timer = setInterval(() => void look(), A_MOMENT_MS);
      run().then(resolve, reject);
    });
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw stillLocked(session, holder, `waited ${waits.longestMs / 1000} s`, error);
  } finally {
    isOver = true;
    clearInterval(timer);
    await waits.end();
  }
}

function stillLocked(
  { where, target }: WatchedSession,
  holder: string | undefined,
  why: string,
  cause?: unknown,
): StoreError {
  const held = holder === undefined ? 'another session' : holder;
  const told = `${where}: the lock of ${target} is held by ${held}; ${why}, and it is tried again`;
  return new StoreError('unavailable', told, { cause, isBusy: true });
}

const LOCK_NOT_AVAILABLE = '55P03';

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
}
