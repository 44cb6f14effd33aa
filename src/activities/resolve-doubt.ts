import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { chooseExecution, SETTLE_MS, type Choice } from '../domain/adoption.js';
import { orAborted } from '../domain/or-aborted.js';
import { isOutage } from '../task-service/service-facts.js';
import { isOfOtherTask } from '../task-service/task-identity.js';
import type { ActivityDependencies } from './activities.js';
import { earliestSend, type AttemptStart } from './earliest-send.js';
import { createLookout, type ListedExecution, type Outlook } from './lookout.js';
import { otherKindInFlight } from './other-kind.js';
import type { SubmitRunInput, SubmittedRun } from './submit-run.js';
import { otherTasksTried } from './tried-before.js';
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
  resolve(input: SubmitRunInput, start: AttemptStart): Promise<SubmittedRun | undefined>;
}

/** Lists may lag behind: that there is nothing is believed on the second look. */
const SECOND_LOOK_MS = 7_000;
/** By so much a timer may come before its time. */
const EARLY_MS = 20;
/** Most looks of one attempt that may fail; after that Temporal tries again, and shows why. */
const MOST_TROUBLES = 4;
const AFTER_TROUBLE_MS = 4_000;
/** An execution that may be ours or not can be of a run in doubt too, whose request takes 15 s to fail before it looks. */
const PATIENCE_MS = 60_000;

export function createDoubts({
  service,
  owners,
  shutdown: signal,
}: Pick<ActivityDependencies, 'service' | 'owners' | 'shutdown'>): Doubts {
  const lookout = createLookout(service, owners);

  /** @param since when this run can have sent its request, by this machine's clock */
  function choose(outlook: Outlook, since: number): Choice {
    const ownId = workflowId();
    const seen = outlook.executions.map(({ owner, ...execution }) => ({
      ...execution,
      owner:
        owner === undefined ? ('nobody' as const) : owner.parentId === ownId ? ('me' as const) : ('other' as const),
      isReserved: lookout.isReserved(execution.id, ownId),
    }));
    const { isComplete } = outlook;
    const { least, most, unsureMs } = service.clock.creation();
    const now = Date.now();
    return chooseExecution(seen, {
      since: since + least,
      // Another run may have taken this run's execution just now. Then it left its own.
      until: now + most,
      unsureMs,
      now: { earliest: now + least, latest: now + most },
      isPatient: now - since < PATIENCE_MS,
      isComplete,
      random: Math.random,
    });
  }

  /**
   * Reads the id of an execution as the service writes it by itself; undefined if it turns out to be another task's. One that
   * cannot be read is not taken: under another spelling of its id the claim would keep nobody out.
   *
   * @throws TaskServiceError
   */
  async function confirmed({ id, taskId, isUnclear }: ListedExecution): Promise<string | undefined> {
    if (!isUnclear) return id;
    const read = await service.executions.asShown(id, signal);
    return isOfOtherTask(read, taskId) ? undefined : read.id;
  }

  /** Returns the moment of creation from which on executions are looked for. */
  function beginningOf(since: number): number {
    const { least, unsureMs } = service.clock.creation();
    return since + least - unsureMs;
  }

  return {
    reserve: (executionId) => lookout.reserve(executionId, workflowId()),
    async resolve(input, start) {
      const { taskId } = input;
      const own = await ownedBefore(input);
      if (own !== undefined) return { executionId: own, by: 'owning' };

      const tasks = [...(await otherTasksTried(input)), taskId];
      const since = await earliestSend(input, start);
      /** Executions of other tasks, which the list does not tell from this one's. */
      const strangers = new Set<string>();
      await sleep(SETTLE_MS, undefined, { signal });
      let troubles = 0;
      let noneSince: number | undefined;

      async function look(): Promise<Outlook[]> {
        const outlooks = await orAborted(
          Promise.all(tasks.map((task) => lookout.look(task, beginningOf(since)))),
          signal,
        );
        return outlooks.map((outlook) => {
          if (!outlook) throw unknownOutcome(taskId, "the service does not list the task's executions", true);
          return { ...outlook, executions: outlook.executions.filter(({ id }) => !strangers.has(id)) };
        });
      }

      async function adopt(executionId: string, seen: readonly Outlook[]): Promise<SubmittedRun | undefined> {
        // Before anything else can run: the next who looks must not choose it too.
        lookout.reserve(executionId, workflowId());
        const other = await otherKindInFlight(input);
        if (other !== undefined) throw unknownOutcome(taskId, other, true);
        const chosen = seen.flatMap(({ executions }) => executions).find(({ id }) => id === executionId);
        const id = chosen && (await confirmed(chosen));
        if (chosen && id !== undefined) return { executionId: id, taskId: chosen.taskId, by: 'adopting' };
        strangers.add(executionId);
        return undefined;
      }

      /** @returns what it has come to, or how long to wait before the next look */
      async function decide(): Promise<SubmittedRun | 'nobody' | number> {
        const seen = await look();
        const choice = firstOf(seen.map((outlook) => choose(outlook, since)));
        switch (choice.kind) {
          case 'mine':
            return { executionId: choice.executionId, by: 'owning' };
          case 'adopt':
            return (await adopt(choice.executionId, seen)) ?? 0;
          case 'undecidable':
            throw unknownOutcome(taskId, choice.reason, true);
          case 'unsettled':
            return choice.waitMs;
          case 'none': {
            noneSince ??= Date.now();
            const leftMs = noneSince + SECOND_LOOK_MS - Date.now();
            return leftMs > EARLY_MS ? leftMs : 'nobody';
          }
        }
      }

      for (;;) {
        const decided = await decide().catch((error: unknown) => {
          // A look reads several pages. To begin anew for each that fails would take as many fresh starts.
          if (++troubles > MOST_TROUBLES || !isOutage(error, true)) throw error;
          return AFTER_TROUBLE_MS;
        });
        if (decided === 'nobody') return undefined;
        if (typeof decided !== 'number') return decided;
        await sleep(decided, undefined, { signal });
      }
    },
  };

  /** What this workflow had claimed before it was reset, or before its caller's retry policy started it again. */
  async function ownedBefore({ restartedFrom }: SubmitRunInput): Promise<string | undefined> {
    return restartedFrom === undefined ? undefined : owners.claimedBy(workflowId(), new Date(restartedFrom));
  }
}

/** Picks the choice for an earlier task first: a run that has sent nothing to the last one must leave it to those that have. */
function firstOf(choices: readonly Choice[]): Choice {
  const mine = choices.find(({ kind }) => kind === 'mine');
  return mine ?? choices.find(({ kind }) => kind !== 'none') ?? { kind: 'none' };
}

/** Submitting is no standalone activity: there is always a workflow. */
function workflowId(): string {
  return Context.current().info.workflowExecution?.workflowId ?? '';
}
