import { orderOf } from '../list-order.js';
import type { Lane } from '../budget/lanes.js';
import type { Observer } from '../observer.js';
import { isRefusal, readThrough, type Page } from '../read-through.js';
import type { TaskService } from '../task-service.js';
import { createdAt, updatedAt, type Execution } from '../wire.js';

/** What is looked for in a list. */
export interface Awaited {
  readonly ids: ReadonlySet<string>;
  /** When the oldest of them was created, Unix milliseconds by the service's clock; undefined = not known of all. */
  readonly oldest: number | undefined;
}

interface Scan {
  /** Told of every page at once: the next one may be long in coming. */
  readonly onSeen: (executions: readonly Execution[]) => void;
  readonly signal: AbortSignal;
  /** Of the first page. */
  readonly lane: Lane;
}

interface Scanned {
  /** Whether those that were seen before, and not this time, have not changed since. */
  readonly othersAreUnchanged: boolean;
}

/** Reads the account's list of executions, as little of it as proves how those that are awaited stand. */
export interface ListScan {
  /** Requests that a scan takes, as far as is known. */
  cost(): number;
  /** Compares what a scan took for unchanged with how it stands: a change that no list shows would be missed. */
  verify(assumed: Execution, actual: Execution): void;
  /** Undefined: the service has no such list. @throws TaskServiceError */
  scan(awaited: Awaited, scan: Scan): Promise<Scanned | undefined>;
}

const MOST_PAGES = 40;
/** So many are asked for at once, before the order of the list is known. */
const PROMPT_PAGES = 5;
/** So late lists may show a change. */
const LAG_MS = 10_000;
/** So far the clock of a list's times may be ahead of that of its answers. */
const AHEAD_AT_MOST_MS = 10 * 60_000;
const MISSING_FOR_MS = 10 * 60_000;
const DISTRUSTED_FOR_MS = 60 * 60_000;

/** @param speed how much faster than life the service is */
export function createListScan(service: TaskService, speed: number, observer: Observer = {}): ListScan {
  let cost = 1;
  let sorts = true;
  let missingUntil = 0;
  let distrustedUntil = 0;
  let changesStandFirst = false;
  /** What has not changed since then is known. */
  let knownSince: number | undefined;

  async function page(wanted: Page, signal: AbortSignal, first: Lane): Promise<Execution[]> {
    // Where changes stand first the list moves on while we wait: what follows the first page is asked for at once, or
    // there would be more to read, and what jumps ahead meanwhile would have to be read singly.
    const isPrompt = cost > 0 && (changesStandFirst || cost < PROMPT_PAGES);
    const lane = cost === 0 ? first : isPrompt ? 'control' : 'poll';
    cost += 1;
    try {
      return await service.executions.list(sorts ? { ...wanted, sort: '-updated_at' } : wanted, signal, lane);
    } catch (error) {
      if (!sorts || !isRefusal(error)) throw error;
      sorts = false;
      return page(wanted, signal, first);
    } finally {
      // What was broken off may never have been sent.
      if (!signal.aborted) observer.onPoll?.('list');
    }
  }

  function newestIn(rows: readonly Execution[]): number | undefined {
    // A time that lies far ahead is none of the list's clock.
    const latest = service.clock.now() + AHEAD_AT_MOST_MS;
    const times = rows.map((row) => Date.parse(updatedAt(row) ?? '')).filter((time) => time <= latest);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  return {
    cost: () => (Date.now() < missingUntil ? Infinity : cost),
    verify(assumed, actual) {
      if (actual.status === assumed.status || !isBefore(updatedAt(actual), knownSince)) return;
      changesStandFirst = false;
      distrustedUntil = Date.now() + DISTRUSTED_FOR_MS / speed;
    },
    async scan({ ids, oldest }, { onSeen, signal, lane }) {
      const rows: Execution[] = [];
      const left = new Set(ids);
      let isProven = false;
      /** When the last change was, by the clock of the list's own times, which need not be that of the answers. */
      let newest: number | undefined;
      cost = 0;
      const listing = await readThrough({
        list: (wanted) => page(wanted, signal, lane),
        mostPages: MOST_PAGES,
        isEnough(shown) {
          onSeen(shown);
          for (const { id } of shown) left.delete(id);
          newest ??= newestIn(shown);
          // What changes while we read moves about, and says nothing about the order.
          rows.push(...shown.filter((row) => !isAfter(updatedAt(row), newest)));
          const order = orderOf(rows);
          if (order.isByChange) changesStandFirst = Date.now() >= distrustedUntil;
          if (order.isNotByChange) changesStandFirst = false;
          const last = shown.at(-1);
          if (left.size === 0 || !last) return true;
          isProven = changesStandFirst && isBefore(updatedAt(last), knownSince);
          return isProven || (order.isByCreation && isBefore(createdAt(last), oldest));
        },
      }).catch(undefinedIfRefused);
      cost = Math.max(cost, 1);
      if (!listing) {
        missingUntil = Date.now() + MISSING_FOR_MS / speed;
        return undefined;
      }
      if (listing.isComplete && newest !== undefined) knownSince = newest - LAG_MS / speed;
      return { othersAreUnchanged: isProven && listing.isComplete };
    },
  };
}

/** Even the bare list: then there is none for us. */
function undefinedIfRefused(error: unknown): undefined {
  if (isRefusal(error)) return undefined;
  throw error;
}

function isAfter(time: string | undefined, moment: number | undefined): boolean {
  return time !== undefined && moment !== undefined && Date.parse(time) > moment;
}

function isBefore(time: string | undefined, moment: number | undefined): boolean {
  return time !== undefined && moment !== undefined && Date.parse(time) < moment;
}
