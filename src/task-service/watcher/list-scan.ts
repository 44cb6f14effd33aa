import { orderOf } from '../list-order.js';
import { isRefusal, readThrough, type Page } from '../read-through.js';
import type { TaskService } from '../task-service.js';
import { createdAt, updatedAt, type Execution } from '../wire.js';

/** What is looked for in a list. */
export interface Awaited {
  readonly ids: ReadonlySet<string>;
  /** When the oldest of them was created, Unix milliseconds by the service's clock; undefined = not known of all. */
  readonly oldest: number | undefined;
}

interface Seen {
  readonly executions: readonly Execution[];
  /** Whether those that were seen before and are not among these have not changed since. */
  readonly othersAreUnchanged: boolean;
}

/** Reads the account's list of executions, as little of it as proves how those that are awaited stand. */
export interface ListScan {
  /** Requests that a scan takes, as far as is known. */
  cost(): number;
  /** Undefined: the service has no such list. @throws TaskServiceError */
  scan(awaited: Awaited, signal: AbortSignal): Promise<Seen | undefined>;
}

const MOST_PAGES = 40;
/** So late lists may show a change. */
const LAG_MS = 10_000;
/** That changes stand first is checked by reading on so often. */
const CHECK_EVERY_MS = 30 * 60_000;
const MISSING_FOR_MS = 10 * 60_000;

/** @param speed how much faster than life the service is */
export function createListScan(service: TaskService, speed: number): ListScan {
  let cost = 1;
  let sorts = true;
  let missingUntil = 0;
  let changesStandFirst = false;
  let knownSince: number | undefined;
  let checkedAt = -Infinity;

  async function page(wanted: Page, signal: AbortSignal): Promise<Execution[]> {
    cost += 1;
    if (!sorts) return service.executions.list(wanted, signal);
    try {
      return await service.executions.list({ ...wanted, sort: '-updated_at' }, signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      sorts = false;
      return page(wanted, signal);
    }
  }

  return {
    cost: () => (Date.now() < missingUntil ? Infinity : cost),
    async scan({ ids, oldest }, signal) {
      const began = service.clock.now();
      const isCheck = began - checkedAt > CHECK_EVERY_MS / speed;
      const rows: Execution[] = [];
      const left = new Set(ids);
      let isProven = false;
      cost = 0;
      const listing = await readThrough({
        list: (wanted) => page(wanted, signal),
        mostPages: MOST_PAGES,
        isEnough(shown) {
          rows.push(...shown);
          for (const { id } of shown) left.delete(id);
          const order = orderOf(rows);
          if (order.isByChange) changesStandFirst = true;
          if (order.isNotByChange) changesStandFirst = false;
          const last = shown.at(-1);
          if (left.size === 0 || !last) return true;
          const unchangedFrom = knownSince === undefined ? undefined : knownSince - LAG_MS / speed;
          isProven = changesStandFirst && isBefore(updatedAt(last), unchangedFrom);
          return (isProven && !isCheck) || (order.isByCreation && isBefore(createdAt(last), oldest));
        },
      }).catch(undefinedIfRefused);
      cost = Math.max(cost, 1);
      if (!listing) {
        missingUntil = Date.now() + MISSING_FOR_MS / speed;
        return undefined;
      }
      if (isCheck && listing.isComplete) checkedAt = began;
      if (listing.isComplete) knownSince = began;
      return { executions: listing.items, othersAreUnchanged: isProven && listing.isComplete };
    },
  };
}

/** Even the bare list: then there is none for us. */
function undefinedIfRefused(error: unknown): undefined {
  if (isRefusal(error)) return undefined;
  throw error;
}

function isBefore(time: string | undefined, moment: number | undefined): boolean {
  return time !== undefined && moment !== undefined && Date.parse(time) < moment;
}
