import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { chooseExecution, SETTLE_MS, type Choice } from '../domain/adoption.js';
import type { ActivityDependencies } from './activities.js';
import { createLookout, type Outlook } from './lookout.js';
import { otherKindInFlight } from './other-kind.js';
import type { SubmitRunInput, SubmittedRun } from './submit-run.js';
import { unknownOutcome } from './unknown-outcome.js';

/** Finds out what became of a request, before another one is sent. */
export interface Doubts {
  /** This execution is about to be claimed by the run that asks. */
  reserve(executionId: string): void;
  /**
   * Looks at the task's executions until it is clear which one is this run's.
   *
   * @returns undefined if there is none
   * @throws ApplicationFailure `RunOutcomeUnknown` if the service does not show enough to tell
   */
  resolve(input: SubmitRunInput, signal: AbortSignal): Promise<SubmittedRun | undefined>;
}

/** Lists may lag behind: that there is nothing is believed on the second look. */
const SECOND_LOOK_MS = 7_000;

export function createDoubts({ service, owners }: Pick<ActivityDependencies, 'service' | 'owners'>): Doubts {
  const lookout = createLookout(service, owners);

  function choose(outlook: Outlook, since: number, until: number): Choice {
    const ownId = workflowId();
    const seen = outlook.executions.map(({ owner, ...execution }) => ({
      ...execution,
      owner:
        owner === undefined ? ('nobody' as const) : owner.parentId === ownId ? ('me' as const) : ('other' as const),
      isReserved: lookout.isReserved(execution.id, ownId),
    }));
    const { isComplete } = outlook;
    return chooseExecution(seen, { since, until, now: service.clock.now(), isComplete, random: Math.random });
  }

  return {
    reserve: (executionId) => lookout.reserve(executionId, workflowId()),
    async resolve(input, signal) {
      const { taskId } = input;
      const own = await ownedBefore(input);
      if (own !== undefined) return { executionId: own, by: 'owning' };

      const since = beginningOf(input);
      // Who has taken what is this run's has left his own, and sent that before this run's second look.
      const until = service.clock.now() + SETTLE_MS + SECOND_LOOK_MS;
      await sleep(SETTLE_MS, undefined, { signal });
      for (let looks = 1; ; looks++) {
        const outlook = await lookout.look(taskId, since);
        signal.throwIfAborted();
        if (!outlook) throw unknownOutcome(taskId, "the service does not list the task's executions", true);
        const choice = choose(outlook, since, until);
        switch (choice.kind) {
          case 'mine':
            return { executionId: choice.executionId, by: 'owning' };
          case 'adopt': {
            // Before anything else can run: the next who looks must not choose it too.
            lookout.reserve(choice.executionId, workflowId());
            const other = await otherKindInFlight(input);
            if (other !== undefined) throw unknownOutcome(taskId, other, true);
            return { executionId: choice.executionId, by: 'adopting' };
          }
          case 'undecidable':
            throw unknownOutcome(taskId, choice.reason, true);
          case 'unsettled':
            await sleep(choice.waitMs, undefined, { signal });
            break;
          case 'none':
            if (looks > 1) return undefined;
            await sleep(SECOND_LOOK_MS, undefined, { signal });
        }
      }
    },
  };

  /** What this workflow had claimed before it was reset, or before its caller's retry policy started it again. */
  async function ownedBefore({ restartedFrom }: SubmitRunInput): Promise<string | undefined> {
    return restartedFrom === undefined ? undefined : owners.claimedBy(workflowId(), new Date(restartedFrom));
  }

  function beginningOf({ intendedAt, restartedFrom }: SubmitRunInput): number {
    const intended = Date.parse(intendedAt);
    return restartedFrom === undefined
      ? intended
      : Math.min(intended, service.clock.notAfter(Date.parse(restartedFrom)));
  }
}

/** Submitting is no standalone activity: there is always a workflow. */
function workflowId(): string {
  return Context.current().info.workflowExecution?.workflowId ?? '';
}
