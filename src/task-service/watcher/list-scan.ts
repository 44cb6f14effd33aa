import { orderOf, rowsOfOrder } from '../list-order.js';
import type { Lane } from '../budget/lanes.js';
import type { Observer } from '../observer.js';
import { isRefusal, readThrough, type Page } from '../read-through.js';
import { idKey } from '../same-id.js';
import type { TaskService } from '../task-service.js';
import { createdAt, updatedAt, type Execution } from '../wire.js';

/** What is looked for in a list. */
export interface Awaited {
  /** Ids in the form in which they are compared. */
  readonly ids: ReadonlySet<string>;
  /** When the oldest of them was created, Unix milliseconds by the service's clock; undefined = it may be any. */
  readonly oldest: number | undefined;
}

interface Scan {
  /** Told of every page at once: the next one may be long in coming. */
  readonly onSeen: (executions: readonly Execution[]) => void;
  readonly signal: AbortSignal;
  /** Of the first page. */
  readonly lane: Lane;
}

/** Executions that a scan would have shown: all there are, or those that were changed or created after a moment. */
export type Reach = { readonly kind: 'all' } | { readonly kind: 'changed' | 'created'; readonly since: number };

interface Scanned {
  /** Whether those that were seen before, and not this time, have not changed since. */
  readonly othersAreUnchanged: boolean;
  readonly reach: Reach;
  /** Requests that it took. */
  readonly pages: number;
}

/** Reads the account's list of executions, as little of it as proves how those that are awaited stand. */
export interface ListScan {
  /** Requests that the next scan takes, as far as is known. */
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
  let pages = 0;
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
    const isPrompt = pages > 0 && (changesStandFirst || pages < PROMPT_PAGES);
    const lane = pages === 0 ? first : isPrompt ? 'control' : 'poll';
    pages += 1;
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
    const times = rows.map((row) => Date.parse(updatedAt(row) ?? '')).filter((time) => !Number.isNaN(time));
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
      let reach: Reach = { kind: 'all' };
      /** When the last change was, by the clock of the list's own times, which need not be that of the answers. */
      let newest: number | undefined;
      /** Pages that were read when the last awaited execution was shown. */
      let pagesToLast = 0;
      pages = 0;
      const listing = await readThrough({
        list: (wanted) => page(wanted, signal, lane),
        mostPages: MOST_PAGES,
        isEnough(shown) {
          onSeen(shown);
          for (const { id } of shown) if (left.delete(idKey(id))) pagesToLast = pages;
          // A time that lies far ahead is none of the list's clock.
          const dated = rowsOfOrder(shown, service.clock.now() + AHEAD_AT_MOST_MS);
          newest ??= newestIn(dated);
          // What changes while we read moves about, and says nothing about the order.
          rows.push(...dated.filter((row) => !isAfter(updatedAt(row), newest)));
          const order = orderOf(rows);
          if (order.isByChange) changesStandFirst = Date.now() >= distrustedUntil;
          if (order.isNotByChange) changesStandFirst = false;
          const last = dated.at(-1);
          if (left.size === 0) return true;
          if (!last) return false;
          isProven = changesStandFirst && isBefore(updatedAt(last), knownSince);
          const isPast = order.isByCreation && isBefore(createdAt(last), oldest);
          if (isProven) reach = { kind: 'changed', since: Date.parse(updatedAt(last) ?? '') };
          else if (isPast) reach = { kind: 'created', since: Date.parse(createdAt(last) ?? '') };
          return isProven || isPast;
        },
      }).catch(undefinedIfRefused);
      if (!listing) {
        missingUntil = Date.now() + MISSING_FOR_MS / speed;
        return undefined;
      }
      // Executions that this look read on for in vain are not looked for again.
      cost = Math.max(reach.kind === 'all' && left.size > 0 ? pagesToLast : pages, 1);
      if (listing.isComplete && newest !== undefined) knownSince = newest - LAG_MS / speed;
      return { othersAreUnchanged: isProven && listing.isComplete, reach, pages: Math.max(pages, 1) };
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
