import { isLive } from '../domain/status.js';
import type { OwnTask, OwnTasks } from './own-tasks.js';
import { readThrough, type Listing } from './read-through.js';
import { isOfOtherTask } from './task-identity.js';
import type { TaskService } from './task-service.js';
import { createdAt, type Execution } from './wire.js';

export interface LiveExecution {
  readonly id: string;
  readonly taskId: string;
  /** In the service's words. */
  readonly status: string;
  /** RFC 3339 in UTC, by the service's clock; absent where it does not say. */
  readonly createdAt?: string;
}

/** The account's last 2,000 executions: live ones are among the newest. */
const PAGES = 20;
/** Of one task. */
const HISTORY_PAGES = 3;
/** Each costs a request or two of the 120 that an account has in a minute. */
const HISTORIES = 50;

/**
 * Executions that have not ended. Where the service lists them all and says whose they are, those of any task; else those
 * of our own tasks, from each task's history.
 *
 * @throws TaskServiceError
 */
export async function liveExecutions(
  service: TaskService,
  ownTasks: OwnTasks,
  signal: AbortSignal,
): Promise<Listing<LiveExecution>> {
  const listing = await readThrough({ list: (page) => service.executions.list(page, signal), mostPages: PAGES });
  const live = listing?.items.filter(({ status }) => isLive(status));
  if (!listing || !live?.every(({ task_id: taskId }) => taskId)) return liveOfOwnTasks(service, ownTasks, signal);
  const items = live.flatMap((execution) => (execution.task_id ? [sighting(execution, execution.task_id)] : []));
  return { items, isComplete: listing.isComplete };
}

async function liveOfOwnTasks(
  service: TaskService,
  ownTasks: OwnTasks,
  signal: AbortSignal,
): Promise<Listing<LiveExecution>> {
  const tasks = await ownTasks.list(signal);
  const items: LiveExecution[] = [];
  let isComplete = tasks.isComplete && tasks.items.length <= HISTORIES;
  for (const task of tasks.items.slice(0, HISTORIES)) {
    const history = await historyOf(service, task, signal);
    if (history?.isComplete !== true) isComplete = false;
    const live = history?.items.filter((row) => isLive(row.status) && !isOfOtherTask(row, task.id)) ?? [];
    items.push(...live.map((execution) => sighting(execution, task.id)));
  }
  return { items, isComplete };
}

function historyOf(
  service: TaskService,
  { id }: OwnTask,
  signal: AbortSignal,
): Promise<Listing<Execution> | undefined> {
  const list = (page: object): Promise<Execution[]> => service.executions.ofTask(id, page, signal);
  return readThrough({ list, mostPages: HISTORY_PAGES });
}

function sighting(execution: Execution, taskId: string): LiveExecution {
  const created = createdAt(execution);
  return {
    id: execution.id,
    taskId,
    status: execution.status,
    ...(created === undefined ? {} : { createdAt: created }),
  };
}
