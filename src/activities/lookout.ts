import { setTimeout as sleep } from 'node:timers/promises';
import type { SeenExecution } from '../domain/adoption.js';
import { executionsSince } from '../task-service/executions-since.js';
import { readTime } from '../task-service/read-time.js';
import { plainSpelling } from '../task-service/same-id.js';
import type { TaskService } from '../task-service/task-service.js';
import type { Owner, Owners } from './owners.js';

/** What there is to see of a task's executions. */
export interface Outlook {
  readonly executions: readonly ListedExecution[];
  readonly isComplete: boolean;
}

export interface ListedExecution extends Omit<SeenExecution, 'owner' | 'isReserved'> {
  /** The task that was asked for. */
  readonly taskId: string;
  readonly owner: Owner | undefined;
  /** Whether the list leaves open whose it is, or how its id is written: reading it alone tells. */
  readonly isUnclear: boolean;
}

/**
 * Looks at the executions of tasks for all runs in this process that are in doubt: those that ask within a moment share
 * one look, and none is given an execution that another one is about to claim.
 */
export interface Lookout {
  /**
   * @param since by the clock that gives executions their times, Unix milliseconds
   * @returns undefined where the service has no such list
   * @throws TaskServiceError
   */
  look(taskId: string, since: number): Promise<Outlook | undefined>;
  /** Whether it is about to be claimed for another run of this process. */
  isReserved(executionId: string, workflowId: string): boolean;
  /** This execution is about to be claimed for a run of this process. */
  reserve(executionId: string, workflowId: string): void;
}

const GATHER_MS = 50;
/** Longer than a claim takes; if it is not made by then, others may. */
const RESERVED_MS = 60_000;
const ASKED_AT_ONCE = 20;

export function createLookout(service: TaskService, owners: Owners): Lookout {
  const reserved = new Map<string, { readonly workflowId: string; readonly until: number }>();
  const coming = new Map<string, { since: number; outlook: Promise<Outlook | undefined> }>();
  const underWay = new Map<string, Promise<unknown>>();

  async function outlook(taskId: string, since: number): Promise<Outlook | undefined> {
    const history = await executionsSince(service, taskId, since);
    if (!history) return undefined;
    const executions: Outlook['executions'][number][] = [];
    for (let index = 0; index < history.executions.length; index += ASKED_AT_ONCE) {
      const some = history.executions.slice(index, index + ASKED_AT_ONCE).map(async (execution) => {
        const created = readTime(execution.created_at);
        const { id } = execution;
        const owner = await owners.of(id);
        const isUnclear = plainSpelling(id) !== id || execution.task_id !== taskId;
        const time = created === undefined ? {} : { createdAt: created };
        return { id: owner?.executionId ?? id, taskId, ...time, owner, isUnclear };
      });
      executions.push(...(await Promise.all(some)));
    }
    return { executions, isComplete: history.isComplete };
  }

  return {
    look(taskId, since) {
      const shared = coming.get(taskId);
      if (shared) {
        shared.since = Math.min(shared.since, since);
        return shared.outlook;
      }
      const next = { since, outlook: Promise.resolve<Outlook | undefined>(undefined) };
      const start = async (): Promise<Outlook | undefined> => {
        await Promise.allSettled([sleep(GATHER_MS), underWay.get(taskId)]);
        // Who comes from here on gets the next look: this one may miss what it looks for.
        coming.delete(taskId);
        const look = outlook(taskId, next.since);
        underWay.set(taskId, look);
        return look.finally(() => underWay.get(taskId) === look && underWay.delete(taskId));
      };
      next.outlook = start();
      coming.set(taskId, next);
      return next.outlook;
    },
    isReserved(executionId, workflowId) {
      const reservation = reserved.get(plainSpelling(executionId));
      return reservation !== undefined && reservation.workflowId !== workflowId && reservation.until > Date.now();
    },
    reserve(executionId, workflowId) {
      const now = Date.now();
      for (const [id, { until }] of reserved) if (until <= now) reserved.delete(id);
      reserved.set(plainSpelling(executionId), { workflowId, until: now + RESERVED_MS });
    },
  };
}
