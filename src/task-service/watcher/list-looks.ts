import type { Lane } from '../budget/lanes.js';
import type { Observer } from '../observer.js';
import type { TaskService } from '../task-service.js';
import type { Health } from './health.js';
import { createListScan } from './list-scan.js';
import type { SingleReads } from './single-reads.js';
import { SHOWN_WITHIN_MS, type Watched, type WatchedSet } from './watched.js';

/** Looks at many executions by one list. */
export interface ListLooks {
  /** Whether the list can be read at all now, if need be after a while. */
  isUsable(): boolean;
  /** When it may be read again, Unix milliseconds. */
  freeAt(): number;
  /** Whether it tells more than single reads of those that are due. */
  isWorth(due: readonly Watched[]): boolean;
  /**
   * Reads the list. A list that fails is left alone for a while; nothing else is said about it.
   *
   * @returns those that should be read singly. Of others it may tell the next time.
   */
  look(due: readonly Watched[], lane: Lane): Promise<readonly Watched[]>;
  /** An outage is over: the list may have failed for no other reason. */
  recover(): void;
}

interface Surroundings {
  readonly service: TaskService;
  readonly watched: WatchedSet;
  readonly reads: SingleReads;
  readonly health: Health;
  readonly speed: number;
  readonly observer: Observer;
}

/** Fewest executions that are looked for in the list. */
export const ENOUGH_FOR_A_LIST = 3;
const READ_AT_ONCE = 8;
/** Watched executions that make one page of the list worth reading, even when only a few are due. */
const WORTH_A_PAGE = 10;
const AFTER_EACH_PAGE_MS = 1_500;
/** Pauses after small pages. Those that become due meanwhile make the next look at the list worth its cost. */
const MOST_PAUSES = 5;
const VERIFY_EVERY_MS = 120_000;
/** A list that fails is tried again after that time, then after twice as long, and so on. */
const BROKEN_FOR_MS = 15_000;
const BROKEN_AT_MOST_MS = 10 * 60_000;

export function createListLooks(around: Surroundings): ListLooks {
  const { watched, reads, health, speed } = around;
  const list = createListScan(around.service, speed, around.observer);
  let freeAt = 0;
  let failures = 0;
  let brokenUntil = 0;
  let verifiedAt = 0;

  async function scan(lane: Lane, shown: Set<Watched>): ReturnType<typeof list.scan> {
    const signal = watched.signal();
    try {
      const scanned = await list.scan(watched.awaited(), {
        signal,
        lane,
        onSeen(executions) {
          for (const execution of executions) {
            const one = watched.see(execution, 'list');
            if (one) shown.add(one);
          }
        },
      });
      failures = 0;
      if (health.good()) brokenUntil = 0;
      return scanned;
    } catch (error) {
      if (signal.aborted) return undefined;
      failures += 1;
      brokenUntil = Date.now() + Math.min(BROKEN_FOR_MS * 2 ** (failures - 1), BROKEN_AT_MOST_MS) / speed;
      health.bad(failures === 1);
      if (health.isDown()) watched.troubleOthers(undefined, error, health.notBefore() - Date.now());
      return undefined;
    }
  }

  /** Now and then the one that no answer has shown for the longest time is read by itself. */
  function verifyOne(hidden: readonly Watched[]): void {
    if (Date.now() - verifiedAt < VERIFY_EVERY_MS / speed) return;
    const [one] = hidden
      .filter((each) => !reads.isReading(each))
      .toSorted((first, second) => first.shownAt - second.shownAt);
    const assumed = one?.last;
    if (!one || !assumed) return;
    verifiedAt = Date.now();
    reads.startOne(one, (actual) => {
      if (one.isListed) list.verify(assumed, actual);
      else if (actual.status !== assumed.status) watched.unlist(one);
    });
  }

  return {
    isUsable: () => Date.now() >= brokenUntil && list.cost() < Infinity,
    freeAt: () => freeAt,
    isWorth: (due) => list.cost() <= Math.max(1, due.length, watched.size() / WORTH_A_PAGE),
    recover() {
      brokenUntil = 0;
    },
    async look(due, lane) {
      const began = Date.now();
      const shown = new Set<Watched>();
      freeAt = began + AFTER_EACH_PAGE_MS / speed;
      const scanned = await scan(lane, shown);
      if (!scanned) return health.isDown() ? [] : due.filter((one) => watched.has(one) && !shown.has(one));
      // Of small pages there are many: a pause for each of them would be longer than what single reads come late by.
      const areLarge = scanned.pages <= watched.size() / WORTH_A_PAGE;
      const pauses = areLarge ? scanned.pages : Math.min(scanned.pages, MOST_PAUSES);
      freeAt = Date.now() + (pauses * AFTER_EACH_PAGE_MS) / speed;
      const hidden = watched.all().filter((one) => !shown.has(one));
      watched.missed(hidden, scanned.reach);
      if (scanned.othersAreUnchanged) verifyOne(hidden.filter((one) => isAsBefore(one, began)));
      else watched.forgetBefore(began);
      const wanted = new Set(due);
      const unproven: Watched[] = [];
      for (const one of hidden) {
        if (reads.isReading(one)) continue;
        if (scanned.othersAreUnchanged && isAsBefore(one, began)) watched.confirm(one);
        else if (wanted.has(one)) unproven.push(one);
      }
      const isFew = unproven.length < ENOUGH_FOR_A_LIST;
      const mayAppear = (one: Watched): boolean => !isFew && Date.now() - one.since < SHOWN_WITHIN_MS / speed;
      for (const one of unproven) if (mayAppear(one)) watched.postpone(one);
      return unproven.filter((one) => !mayAppear(one)).slice(0, READ_AT_ONCE);
    },
  };
}

/** Whether an execution that a list does not show is unchanged. Lists prove nothing of one that they leave out. */
function isAsBefore({ last, troubles, unlistedUntil }: Watched, now: number): boolean {
  return last !== undefined && troubles === 0 && unlistedUntil <= now;
}
