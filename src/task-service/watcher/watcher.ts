import { setTimeout as sleep } from 'node:timers/promises';
import { delayBefore } from '../../domain/delay-before.js';
import type { Lane } from '../budget/lanes.js';
import type { Observer } from '../observer.js';
import { concernsOneAlone } from '../service-facts.js';
import type { TaskService } from '../task-service.js';
import type { Execution } from '../wire.js';
import { createListScan } from './list-scan.js';
import { createWatched, type Watch, type Watched } from './watched.js';

/** Waits for many executions with few requests: one list serves them all. */
export interface Watcher {
  /**
   * Waits until an execution has ended, or stands as the caller waits for. What makes the service unreachable for all is
   * no end of the wait: it looks less and less often, and tells {@link Watch.onTrouble}.
   *
   * @throws TaskServiceError about this execution alone; what `onTrouble` throws; the signal's reason
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

/** From so many on they are looked for in the list. */
const ENOUGH_FOR_A_LIST = 3;
const READ_AT_ONCE = 8;
/** A page tells of so many that it is worth more than single reads of the few that are due. */
const WORTH_A_PAGE = 10;
const AFTER_EACH_PAGE_MS = 1_500;
/** A list that does not show an execution may lag; later it is read by itself. */
const SHOWN_WITHIN_MS = 45_000;
const UNHEARD_AT_MOST_MS = 120_000;
const VERIFY_EVERY_MS = 120_000;

export function createWatcher({ service, hasBetterToDo, speed = 1, observer = {} }: WatcherOptions): Watcher {
  const watched = createWatched(service.clock, speed, observer);
  const list = createListScan(service, speed, observer);
  let isLooking = false;
  let wake = new AbortController();
  let lastLookAt = 0;
  let troubles = 0;
  let notBefore = 0;
  let listFreeAt = 0;
  let verifiedAt = 0;
  /** Whether a look was put off since the last one. */
  let wasBusy = false;

  async function lookUntilNobodyWaits(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    troubles = 0;
    while (watched.size() > 0) {
      const now = Date.now();
      const isBusy = hasBetterToDo() && now - lastLookAt < UNHEARD_AT_MOST_MS / speed;
      if (isBusy) wasBusy = true;
      const waitMs = isBusy ? 1_000 / speed : nextLookAt() - now;
      if (waitMs > 0) await rest(waitMs);
      else await look();
    }
    isLooking = false;
  }

  function nextLookAt(): number {
    const dueAt = Math.max(watched.nextDueAt(), notBefore);
    return watched.size() < ENOUGH_FOR_A_LIST ? dueAt : Math.max(dueAt, listFreeAt);
  }

  /** Ends early when somebody else begins to wait, or nobody does any more. */
  async function rest(ms: number): Promise<void> {
    wake = new AbortController();
    await sleep(ms, undefined, { signal: wake.signal }).catch(() => undefined);
  }

  async function look(): Promise<void> {
    lastLookAt = Date.now();
    try {
      const due = watched.due();
      // What there was to do is nearly done: a look that waits for its turn like any other would come too late.
      const lane = wasBusy && !hasBetterToDo() ? 'export' : 'poll';
      wasBusy = false;
      const unproven = isWorthAList(due) ? await readList(due, lane) : due;
      for (let index = 0; index < unproven.length; index += READ_AT_ONCE) {
        await Promise.all(unproven.slice(index, index + READ_AT_ONCE).map(readOne));
      }
      troubles = 0;
    } catch (error) {
      troubles += 1;
      const waitMs = delayBefore(troubles + 1) / speed;
      notBefore = Date.now() + waitMs;
      watched.trouble(error, waitMs);
    }
  }

  function isWorthAList(due: readonly Watched[]): boolean {
    const isEnough = watched.size() >= ENOUGH_FOR_A_LIST;
    return isEnough && list.cost() <= Math.max(1, due.length, watched.size() / WORTH_A_PAGE);
  }

  /** @returns some of those of whom the list does not tell how they stand: it may tell of the others the next time */
  async function readList(due: readonly Watched[], lane: Lane): Promise<readonly Watched[]> {
    const began = Date.now();
    const shown = new Set<string>();
    const scanned = await list.scan(watched.awaited(), {
      signal: watched.signal(),
      lane,
      onSeen(executions) {
        for (const execution of executions) {
          shown.add(execution.id);
          watched.see(execution);
        }
      },
    });
    if (!scanned) return due;
    listFreeAt = Date.now() + (list.cost() * AFTER_EACH_PAGE_MS) / speed;
    const hidden = watched.all().filter(({ executionId }) => !shown.has(executionId));
    if (scanned.othersAreUnchanged) await verifyOne(hidden);
    else watched.forgetBefore(began);
    const wanted = new Set(due);
    const unproven: Watched[] = [];
    for (const one of hidden) {
      if (one.last && scanned.othersAreUnchanged) watched.confirm(one);
      else if (wanted.has(one)) unproven.push(one);
    }
    const isFew = unproven.length < ENOUGH_FOR_A_LIST;
    const mayAppear = (one: Watched): boolean => !isFew && Date.now() - one.since < SHOWN_WITHIN_MS / speed;
    for (const one of unproven) if (mayAppear(one)) watched.postpone(one);
    return unproven.filter((one) => !mayAppear(one)).slice(0, READ_AT_ONCE);
  }

  /** Now and then the one that no answer has shown for the longest time is read by itself. */
  async function verifyOne(hidden: readonly Watched[]): Promise<void> {
    if (Date.now() - verifiedAt < VERIFY_EVERY_MS / speed) return;
    const one = hidden.reduce<Watched | undefined>(
      (first, other) => (first === undefined || other.shownAt < first.shownAt ? other : first),
      undefined,
    );
    const assumed = one?.last;
    if (!one || !assumed) return;
    verifiedAt = Date.now();
    await readOne(one);
    list.verify(assumed, one.last ?? assumed);
  }

  async function readOne(one: Watched): Promise<void> {
    try {
      watched.see(await poll(one.executionId, watched.signal()));
    } catch (error) {
      if (!concernsOneAlone(error)) throw error;
      watched.fail(one, error);
    }
  }

  async function poll(executionId: string, signal: AbortSignal): Promise<Execution> {
    try {
      return await service.executions.get(executionId, signal, 'poll');
    } finally {
      // What was broken off may never have been sent.
      if (!signal.aborted) observer.onPoll?.('single');
    }
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
