import type { TaskService } from './task-service.js';
import { TaskServiceError } from './task-service-error.js';
import { createdAt, type Execution } from './wire.js';

export interface History {
  /** Each once, in the service's order; those that are surely older are left out. */
  readonly executions: readonly Execution[];
  /** Whether there may be more that were not shown. */
  readonly isComplete: boolean;
}

const PAGE_SIZE = 100;
const PAGES = 10;

/**
 * A task's executions created since a moment, Unix milliseconds by the service's clock; undefined where the service has
 * no such list. Order, page size and whether `offset` is honoured are not documented: it reads on until a page brings
 * nothing new or nothing but older ones.
 *
 * @throws TaskServiceError
 */
export async function executionsSince(
  service: TaskService,
  taskId: string,
  since: number,
): Promise<History | undefined> {
  const seen = new Map<string, Execution>();
  const isOlder = (execution: Execution): boolean => Date.parse(createdAt(execution) ?? '') < since;
  const history = (isComplete: boolean): History => ({
    executions: [...seen.values()].filter((execution) => !isOlder(execution)),
    isComplete,
  });

  let offset = 0;
  for (let page = 0; page < PAGES; page++) {
    const answer = await pageOf(service, taskId, offset);
    if (answer === undefined) return page === 0 ? undefined : history(false);
    const fresh = answer.filter(({ id }) => !seen.has(id));
    for (const execution of fresh) seen.set(execution.id, execution);
    const last = answer.at(-1);
    // Newest first, and the last one is older already: so is all that follows.
    if (fresh.length === 0 || !last || (isOlder(last) && isNewestFirst(answer))) return history(true);
    // Pages overlap a little: rows shift while others are started.
    offset += Math.max(answer.length - 5, 1);
  }
  return history(false);
}

async function pageOf(service: TaskService, taskId: string, offset: number): Promise<Execution[] | undefined> {
  try {
    const page = offset === 0 ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, offset };
    return await service.executions.ofTask(taskId, page);
  } catch (error) {
    if (!(error instanceof TaskServiceError)) throw error;
    // The route's parameters are not documented: where they are refused, the bare list is all there is.
    if (error.status === 400 || error.status === 422) {
      return offset === 0 ? service.executions.ofTask(taskId, {}) : undefined;
    }
    if (error.status === 404 || error.status === 501) return undefined;
    throw error;
  }
}

function isNewestFirst(executions: readonly Execution[]): boolean {
  const times = executions.map((execution) => Date.parse(createdAt(execution) ?? ''));
  return times.every((time, index) => index === 0 || (times[index - 1] ?? Number.NaN) >= time);
}
