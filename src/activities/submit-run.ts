import { Context } from '@temporalio/activity';
import type { RunTaskInput } from '../domain/run.js';
import type { Told } from '../task-service/budget/budget.js';
import { outcomeOfFailedRun } from '../task-service/run-outcome.js';
import type { ActivityDependencies } from './activities.js';
import { attempt, type Attempt } from './attempt.js';
import { failureOf } from './failures.js';
import { calledOff, fence } from './fence.js';
import { describe } from './owners.js';
import { refusedTask } from './refused-task.js';
import { createDoubts } from './resolve-doubt.js';
import { unknownOutcome } from './unknown-outcome.js';

export interface SubmitRunInput {
  readonly taskId: string;
  /** Whether the task was made from a definition: then it is shared by equal runs only, and can be made again. */
  readonly isOurs: boolean;
  /** Executions created before that are not of this run; RFC 3339, by the service's clock. */
  readonly intendedAt: string;
  /** Start of a workflow that was reset or started again, and may have sent a request long before; RFC 3339. */
  readonly restartedFrom?: string;
  /** Whether this workflow may have sent a request before: then the first attempt looks too. */
  readonly lookFirst: boolean;
  /** Looks and sends nothing: for a workflow that was cancelled with a request in flight. */
  readonly onlyLook: boolean;
  readonly onUnknown: NonNullable<RunTaskInput['onUnknown']>;
  readonly secretPayload?: Readonly<Record<string, string>>;
}

export type SubmittedRun =
  | {
      readonly executionId: string;
      /** Whose request it was: our own, somebody's whose reply was lost, or this workflow's before it was reset. */
      readonly by: 'sending' | 'adopting' | 'owning';
    }
  /** Only where `onlyLook` found nothing. */
  | { readonly by: 'nobody' };

/** What the next attempt must know of this one. */
interface SubmitMark {
  readonly nothingSent: boolean;
}

/**
 * Starts one execution. The request is billed and has no idempotency key, so whenever it is not known what became of
 * one, the task's executions are looked at before another is sent.
 */
export function createSubmission(dependencies: ActivityDependencies) {
  const { service, secrets, owners } = dependencies;
  const doubts = createDoubts(dependencies);

  async function submit(input: SubmitRunInput, current: Attempt): Promise<SubmittedRun> {
    if (input.onlyLook) return (await look(input, current)) ?? { by: 'nobody' };
    const mayHaveSent = input.lookFirst || (current.number > 1 && !sentNothing());
    // Now, and not just before it is sent: a heartbeat under way could overtake the one of the fence.
    current.report({ nothingSent: false } satisfies SubmitMark);
    if (mayHaveSent && input.onUnknown === 'fail') {
      throw unknownOutcome(input.taskId, 'the worker that sent it is gone, or the workflow was started again', true);
    }
    const found = mayHaveSent && input.onUnknown === 'adopt' ? await look(input, current) : undefined;
    return found ?? send(input, current);
  }

  /** A run in doubt may be paid for: what keeps the service from telling is an outage, and no verdict on the run. */
  function look(input: SubmitRunInput, current: Attempt): Promise<SubmittedRun | undefined> {
    const details = { taskId: input.taskId };
    return doubts.resolve(input, current.shutdownSignal).catch((error: unknown) => {
      throw failureOf(error, { attempt: current.number, paid: true, details });
    });
  }

  async function send(input: SubmitRunInput, current: Attempt): Promise<SubmittedRun> {
    const nothingSent = (): void => current.report({ nothingSent: true } satisfies SubmitMark);
    const secretPayload = secrets.resolveAll(input.secretPayload);
    const told = await turnToSend(current).catch((error: unknown) => {
      nothingSent();
      throw error;
    });
    try {
      return accepted((await service.tasks.run(input.taskId, secretPayload, told)).id);
    } catch (error) {
      const outcome = outcomeOfFailedRun(error);
      if (outcome.kind === 'unknown') return afterLostReply(input, current, error);
      // A rate-limit answer may also name an execution that somebody else is following.
      const isFree = outcome.kind === 'accepted' && (await owners.of(outcome.executionId)) === undefined;
      if (isFree) return accepted(outcome.executionId);
      nothingSent();
      const details = { taskId: input.taskId };
      const gone = input.isOurs ? await refusedTask(service, input.taskId, error) : undefined;
      throw gone ?? failureOf(error, { attempt: current.number, paid: false, details });
    }
  }

  /** The last moment before a request is the one that must be fenced: waiting for its turn may take long. */
  async function turnToSend({ signal, shutdownSignal }: Attempt): Promise<Told> {
    const told = await service.tasks.turnToRun(signal).catch((error: unknown) => {
      // Else it was the workflow that was cancelled.
      throw shutdownSignal.aborted ? error : calledOff();
    });
    await fence({ nothingSent: false } satisfies SubmitMark).catch((error: unknown) => {
      told();
      throw error;
    });
    return told;
  }

  function accepted(executionId: string): SubmittedRun {
    doubts.reserve(executionId);
    return { executionId, by: 'sending' };
  }

  /** Looks while this process still knows of it: a workflow that is terminated now has no later attempt that could. */
  async function afterLostReply(input: SubmitRunInput, current: Attempt, error: unknown): Promise<SubmittedRun> {
    const { taskId, onUnknown } = input;
    const reason = error instanceof Error ? error.message : String(error);
    if (onUnknown === 'fail') throw unknownOutcome(taskId, reason, true);
    const found = onUnknown === 'adopt' ? await look(input, current) : undefined;
    if (found) return found;
    current.report({ nothingSent: true } satisfies SubmitMark);
    throw unknownOutcome(taskId, reason, false);
  }

  /** Nobody would follow what was started for a workflow that is closed by now. */
  async function stopUnwanted(run: SubmittedRun): Promise<SubmittedRun> {
    const { workflowExecution } = Context.current().info;
    if (run.by === 'nobody' || run.by === 'owning' || !workflowExecution) return run;
    // An answer that Temporal does not give is no reason to lose the execution's id.
    const own = await describe(workflowExecution.workflowId).catch(() => undefined);
    if (own !== undefined && own.status.name !== 'RUNNING') await owners.claimAndStop(run.executionId);
    return run;
  }

  return {
    submitRun(input: SubmitRunInput): Promise<SubmittedRun> {
      return attempt({ paid: false, details: { taskId: input.taskId } }, async (current) =>
        stopUnwanted(await submit(input, current)),
      );
    },
  };
}

function sentNothing(): boolean {
  const mark: unknown = Context.current().info.heartbeatDetails;
  return typeof mark === 'object' && mark !== null && 'nothingSent' in mark && mark.nothingSent === true;
}
