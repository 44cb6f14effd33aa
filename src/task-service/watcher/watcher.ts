import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from '../observer.js';
import type { TaskService } from '../task-service.js';
import type { Execution } from '../wire.js';
import { createHealth } from './health.js';
import { createListLooks, ENOUGH_FOR_A_LIST } from './list-looks.js';
import { createSingleReads } from './single-reads.js';
import type { Watch } from './watch.js';
import { createWatched, SOON_MS, type Watched } from './watched.js';

/** Waits for many executions with few requests: one list serves them all. */
export interface Watcher {
  /**
   * Waits until an execution has ended, or stands as the caller waits for. What makes the service unreachable, for all or
   * for this execution, is no end of the wait: it looks less and less often, and calls {@link Watch.onTrouble}.
   *
   * @throws TaskServiceError about this execution alone; what the callbacks throw; the signal's reason
   */
  watch(watch: Watch): Promise<Execution>;
  /** Executions that are waited for. */
  live(): number;
}

export interface WatcherOptions {
  readonly service: TaskService;
  /** While it is true requests are better spent on what has ended: nothing is gained by knowing of more. */
  readonly hasBetterToDo: () => boolean;
  /** How much faster than life the service is, for benches. Default 1. */
  readonly speed?: number;
  /** Told of polls and ends. */
  readonly observer?: Observer;
}

const UNHEARD_AT_MOST_MS = 120_000;
const BUSY_MS = 1_000;
/** Shortest time between two turns, whatever comes. */
const SHORTEST_REST_MS = 2;
/** Longest time between two turns, whatever was missed. */
const LONGEST_REST_MS = 60_000;
const AFTER_A_FAULT_MS = 5_000;

export function createWatcher({ service, hasBetterToDo, speed = 1, observer = {} }: WatcherOptions): Watcher {
  const watched = createWatched(service.clock, speed, observer);
  const health = createHealth(speed);
  const reads = createSingleReads({
    service,
    watched,
    health,
    observer,
    onDone: () => wake.abort(),
    onRecovery: () => looks.recover(),
  });
  const looks = createListLooks({ service, watched, reads, health, speed, observer });
  let isLooking = false;
  let wake = new AbortController();
  let lastLookAt = 0;
  /** Whether a look was put off since the last one. */
  let wasBusy = false;

  async function lookUntilNobodyWaits(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    while (watched.size() > 0) {
      const pauseMs = await turn().catch(afterFault);
      await sleep(Math.max(SHORTEST_REST_MS, SOON_MS / 2 / speed));
      // Something may have become due meanwhile.
      if (watched.size() > 0) await rest(pauseMs ?? nextLookAt() - Date.now());
    }
    isLooking = false;
  }

  /** Looks at what is due, if anything is. @returns how long nothing is to be done then; undefined = until something is due */
  async function turn(): Promise<number | undefined> {
    const now = Date.now();
    if (hasBetterToDo() && now - lastLookAt < UNHEARD_AT_MOST_MS / speed) {
      wasBusy = true;
      return BUSY_MS / speed;
    }
    if (now >= health.notBefore()) await lookAt(due());
    return undefined;
  }

  const usesList = (): boolean => watched.size() >= ENOUGH_FOR_A_LIST && looks.isUsable();
  const isAlone = ({ troubles, unlistedUntil }: Watched): boolean => troubles > 0 || unlistedUntil > Date.now();

  /** Returns what to look at. An outage is tested with one that was well, due or not: a due one may be what fails. */
  function due(): Watched[] {
    const isFree = (one: Watched): boolean => !reads.isReading(one);
    const found = watched.due().filter(isFree);
    if (found.some(({ troubles }) => troubles === 0) || !health.isDown()) return found;
    const well = watched.all().find((one) => one.troubles === 0 && isFree(one));
    return well ? [well] : found;
  }

  async function lookAt(found: readonly Watched[]): Promise<void> {
    if (found.length === 0) return;
    const listed = usesList() ? found.filter((one) => !isAlone(one)) : [];
    const alone = found.filter((one) => !listed.includes(one));
    if (reads.start(alone) > 0) lastLookAt = Date.now();
    if (listed.length === 0 || Date.now() < looks.freeAt()) return;
    lastLookAt = Date.now();
    // The other work is nearly done: a look that waits for its turn like any other would come too late.
    const lane = wasBusy && !hasBetterToDo() ? 'export' : 'poll';
    wasBusy = false;
    reads.start(looks.isWorth(listed) ? await looks.look(listed, lane) : listed);
  }

  function nextLookAt(): number {
    // The end of a read wakes us.
    const waiting = watched.all().filter((one) => !reads.isReading(one) && reads.hasRoom(one));
    const isListed = usesList();
    const dueAt = (one: Watched): number => {
      if (health.isDown() && one.troubles === 0) return 0;
      return isListed && !isAlone(one) ? Math.max(one.dueAt, looks.freeAt()) : one.dueAt;
    };
    const next = waiting.reduce((earliest, one) => Math.min(earliest, dueAt(one)), Infinity);
    return Math.max(next, health.notBefore());
  }

  /** A fault of ours must neither end the waits nor make them busy. */
  function afterFault(error: unknown): number {
    watched.troubleOthers(undefined, error, AFTER_A_FAULT_MS / speed);
    return AFTER_A_FAULT_MS / speed;
  }

  /** Sleeps; ends early when somebody else begins to wait, nobody does any more, or a read is over. */
  async function rest(ms: number): Promise<void> {
    if (!(ms > 0)) return;
    wake = new AbortController();
    const signal = AbortSignal.any([wake.signal, watched.signal()]);
    await sleep(Math.min(ms, LONGEST_REST_MS), undefined, { signal }).catch(() => undefined);
  }

  return {
    live: () => watched.size(),
    async watch(watch) {
      watch.signal.throwIfAborted();
      const end = watched.add(watch);
      wake.abort();
      void lookUntilNobodyWaits();
      return end;
    },
  };
}
