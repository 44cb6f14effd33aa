import { Context, log } from '@temporalio/activity';
import {
  isOldEnough,
  MOST_LISTED,
  treatmentOf,
  type Orphan,
  type SweepInput,
  type SweepResult,
} from '../domain/orphans.js';
import { liveExecutions, type LiveExecution } from '../task-service/live-executions.js';
import type { OwnTask } from '../task-service/own-tasks.js';
import { plainSpelling } from '../task-service/same-id.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';
import { refuseBadInput, refuseUnknownStores } from './refuse-bad-input.js';

/** Heartbeat details: what was acted upon has an owner by now, so the next attempt would not find it again. */
interface SweepMark {
  readonly acted?: readonly Orphan[];
}

const ASKED_AT_ONCE = 20;

export function createSweeping({ service, stores, owners, ownTasks }: ActivityDependencies) {
  /** Temporal is asked before the service, whose requests are few: most executions have an owner. */
  async function withoutOwner(executions: readonly LiveExecution[], signal: AbortSignal): Promise<LiveExecution[]> {
    const free: LiveExecution[] = [];
    for (let index = 0; index < executions.length; index += ASKED_AT_ONCE) {
      signal.throwIfAborted();
      const some = executions.slice(index, index + ASKED_AT_ONCE);
      const owned = await Promise.all(some.map(async ({ id }) => (await owners.of(id)) !== undefined));
      free.push(...some.filter((_, position) => owned[position] === false));
    }
    return free;
  }

  /** Reads the id as the service writes it by itself, where a list spells it oddly; undefined if it cannot be read. */
  async function claimableId(listed: string): Promise<string | undefined> {
    if (plainSpelling(listed) === listed) return listed;
    const shown = await service.executions.asShown(listed).catch(() => undefined);
    return shown?.id;
  }

  async function act(execution: LiveExecution, { policy = 'report', follow }: SweepInput): Promise<Orphan['action']> {
    const { taskId } = execution;
    const treatment = treatmentOf(execution, policy);
    const id = treatment === 'report' ? undefined : await claimableId(execution.id);
    if (treatment === 'report' || id === undefined) return 'reported';
    switch (treatment) {
      case 'adopt':
        return (await owners.claim({ ...follow, executionId: id, task: { id: taskId } })) ? 'adopted' : 'lost';
      case 'stop':
        return (await owners.claimAndStop(id)) ? 'stopped' : 'lost';
    }
  }

  return {
    /** One look at the live executions. What an attempt has claimed stays claimed, so any attempt may begin anew. */
    sweepExecutions(input: SweepInput, olderThanMs: number): Promise<SweepResult> {
      return attempt({ paid: false }, async ({ signal, report }) => {
        refuseBadInput('sweepOrphans', input);
        refuseUnknownStores(stores, input.follow?.publish);
        const live = await liveExecutions(service, ownTasks, signal);
        // The earliest that it can be by that clock: what is young may be about to be claimed.
        const now = Date.now() + service.clock.creation().least;
        const old = live.items.filter((execution) => isOldEnough(execution, now, olderThanMs));

        const orphans = [...actedBefore()];
        for (const execution of await withoutOwner(old, signal)) {
          signal.throwIfAborted();
          const task = await ownTasks.find(execution.taskId, signal);
          if (!task) continue;
          orphans.push(orphanOf(execution, task, await act(execution, input)));
          const acted = orphans.filter(({ action }) => action !== 'reported').slice(0, MOST_LISTED);
          report({ acted } satisfies SweepMark);
        }

        const found = orphans.length;
        const listed = orphans.slice(0, MOST_LISTED);
        if (found > 0) log.warn('live executions without an owner', { found, orphans: listed });
        return { looked: live.items.length, found, orphans: listed, isComplete: live.isComplete };
      });
    },
  };
}

function orphanOf(
  { id, status, createdAt }: LiveExecution,
  { id: taskId, name }: OwnTask,
  action: Orphan['action'],
): Orphan {
  const created = createdAt === undefined ? {} : { createdAt };
  return { executionId: id, taskId, taskName: name, status, ...created, action };
}

function actedBefore(): readonly Orphan[] {
  const details: unknown = Context.current().info.heartbeatDetails;
  const mark: SweepMark = typeof details === 'object' && details !== null ? details : {};
  return mark.acted ?? [];
}
