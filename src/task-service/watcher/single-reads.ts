import type { Observer } from '../observer.js';
import { concernsOneAlone } from '../service-facts.js';
import type { TaskService } from '../task-service.js';
import type { Execution } from '../wire.js';
import type { Health } from './health.js';
import type { Watched, WatchedSet } from './watched.js';

/** Reads executions one by one, a few at once. Nobody waits for a read that is slow but those who wait for its execution. */
export interface SingleReads {
  isReading(one: Watched): boolean;
  /** Whether one more may be read now. */
  hasRoom(one: Watched): boolean;
  /** Starts as many as may be read now, the healthy ones first; the others stay due. @returns how many */
  start(due: readonly Watched[]): number;
  /** Starts one, whatever else is being read. @param onRead called if it was read */
  startOne(one: Watched, onRead?: (execution: Execution) => void): void;
}

interface Surroundings {
  readonly service: TaskService;
  readonly watched: WatchedSet;
  readonly health: Health;
  readonly observer: Observer;
  /** Called after each read, whatever came of it. */
  readonly onDone: () => void;
  readonly onRecovery: () => void;
}

const AT_ONCE = 8;
/** Those that failed the last time, or hang, leave room for the others. */
const TROUBLED_AT_ONCE = 4;

export function createSingleReads(around: Surroundings): SingleReads {
  const { service, watched, health, observer } = around;
  /** Executions that are being read, by id, with whether the last read had failed. */
  const reading = new Map<string, boolean>();

  function hasRoom({ troubles }: Watched): boolean {
    const most = health.isDoubtful() ? 1 : AT_ONCE;
    if (reading.size >= most) return false;
    return troubles === 0 || [...reading.values()].filter(Boolean).length < TROUBLED_AT_ONCE;
  }

  async function poll(executionId: string, signal: AbortSignal): Promise<Execution> {
    try {
      return await service.executions.get(executionId, signal, 'poll');
    } finally {
      // A read that was broken off may never have been sent.
      if (!signal.aborted) observer.onPoll?.('single');
    }
  }

  async function read(one: Watched, onRead?: (execution: Execution) => void): Promise<void> {
    const signal = watched.signal();
    const wasFine = one.troubles === 0;
    try {
      const execution = await poll(one.executionId, signal);
      if (health.good()) around.onRecovery();
      watched.see(execution, 'single');
      onRead?.(execution);
    } catch (error) {
      if (signal.aborted) return;
      if (concernsOneAlone(error)) {
        if (health.good()) around.onRecovery();
        watched.fail(one, error);
        return;
      }
      watched.trouble(one, error);
      health.bad(wasFine);
      if (health.isDown()) watched.troubleOthers(one, error, health.notBefore() - Date.now());
    } finally {
      reading.delete(one.executionId);
      around.onDone();
    }
  }

  function startOne(one: Watched, onRead?: (execution: Execution) => void): void {
    // The execution is not due again at once, whatever comes of the read.
    watched.postpone(one);
    reading.set(one.executionId, one.troubles > 0);
    void read(one, onRead);
  }

  return {
    isReading: ({ executionId }) => reading.has(executionId),
    hasRoom,
    start(due) {
      const before = reading.size;
      for (const one of due.toSorted((first, second) => first.troubles - second.troubles)) {
        if (!reading.has(one.executionId) && hasRoom(one)) startOne(one);
      }
      return reading.size - before;
    },
    startOne,
  };
}
