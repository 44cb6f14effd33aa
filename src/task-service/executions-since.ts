import { orderOf } from './list-order.js';
import { readThrough } from './read-through.js';
import type { TaskService } from './task-service.js';
import { createdAt, type Execution } from './wire.js';

export interface History {
  /** Each once, in the service's order; those that are surely older are left out. */
  readonly executions: readonly Execution[];
  /** Whether these are all. */
  readonly isComplete: boolean;
}

const PAGES = 10;

/**
 * A task's executions created since a moment, Unix milliseconds by the service's clock; undefined where the service has
 * no such list. Their order is not documented: it reads on until a page brings nothing new or nothing but older ones.
 *
 * @throws TaskServiceError
 */
export async function executionsSince(
  service: TaskService,
  taskId: string,
  since: number,
): Promise<History | undefined> {
  const isOlder = (execution: Execution): boolean => Date.parse(createdAt(execution) ?? '') < since;
  const listing = await readThrough({
    list: (page) => service.executions.ofTask(taskId, page),
    mostPages: PAGES,
    isEnough(page) {
      const last = page.at(-1);
      // Newest first, and the last one is older already: so is all that follows.
      return last !== undefined && isOlder(last) && orderOf(page).isByCreation;
    },
  });
  if (!listing) return undefined;
  const { items, isComplete } = listing;
  return { executions: items.filter((execution) => !isOlder(execution)), isComplete };
}
