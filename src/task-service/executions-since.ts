import { isNewestFirst } from './newest-first.js';
import { readThrough } from './read-through.js';
import type { TaskService } from './task-service.js';
import { isOfOtherTask } from './task-identity.js';
import { readTime } from './read-time.js';
import type { Execution } from './wire.js';

export interface History {
  /** Each once, in the service's order; those that are surely older are left out. */
  readonly executions: readonly Execution[];
  /** Whether these are all. */
  readonly isComplete: boolean;
}

const PAGES = 10;

/**
 * A task's executions created since a moment, Unix milliseconds by the clock that gives them their times; undefined where
 * the service has no such list. Their order is not documented: it reads on until a page brings nothing new or nothing but
 * older ones. Some lists show executions of other tasks too, which are left out; where a row does not say whose it is, the
 * route does.
 *
 * @throws TaskServiceError
 */
export async function executionsSince(
  service: TaskService,
  taskId: string,
  since: number,
): Promise<History | undefined> {
  const { least, most } = service.clock.creation();
  /** How far two times may be apart by chance: hosts with different clocks may have given them. */
  const spread = most - least;
  const listing = await readThrough({
    list: (page) => service.executions.ofTask(taskId, page),
    mostPages: PAGES,
    isEnough(page) {
      const times = page.map(timeOf);
      const last = times.at(-1);
      // Newest first, and the last one is older already: so is all that follows.
      return last !== undefined && last < since - spread && isNewestFirst(times, spread);
    },
  });
  if (!listing) return undefined;
  const executions = listing.items.filter((execution) => {
    const time = timeOf(execution);
    return !isOfOtherTask(execution, taskId) && (time === undefined || time >= since);
  });
  return { executions, isComplete: listing.isComplete };
}

function timeOf({ created_at: value }: Execution): number | undefined {
  return readTime(value);
}
