import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { RunTaskInput } from '../domain/run.js';
import type { Told } from '../task-service/budget/budget.js';
import { outcomeOfFailedRun } from '../task-service/run-outcome.js';
import { isOfOtherTask } from '../task-service/task-identity.js';
import { TaskServiceError } from '../task-service/task-service-error.js';
import type { Execution } from '../task-service/wire.js';
import type { ActivityDependencies } from './activities.js';
import { attempt, type Attempt } from './attempt.js';
import { chainStart } from './chain-start.js';
import { attemptStart, type AttemptStart } from './earliest-send.js';
import { failureOf } from './failures.js';
import { calledOff, fence } from './fence.js';
import { describe } from './owners.js';
import { refusedTask } from './refused-task.js';
import { createDoubts } from './resolve-doubt.js';
import { stillUnknown, unknownOutcome } from './unknown-outcome.js';

export interface SubmitRunInput {
  readonly taskId: string;
  /** Whether the task was made from a definition: then it is shared by equal runs only, and can be made again. */
  readonly isOurs: boolean;
  /** When the run was wanted, by the service's clock; RFC 3339. Only workers of an earlier version need it. */
  readonly intendedAt: string;
  /** The workflow has sent no request for this run before this moment; RFC 3339, by Temporal's clock. */
  readonly sendsSince?: string;
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
      /** The execution's task, which may be a twin of the one that was asked for; absent: it is that one. */
      readonly taskId?: string;
      /** Whose request it was: our own, somebody's whose reply was lost, or this workflow's before it was reset. */
      readonly by: 'sending' | 'adopting' | 'owning';
    }
  /** Only where `onlyLook` found nothing. */
  | { readonly by: 'nobody' };

/** What the next attempt must know of this one. */
interface SubmitMark {
  readonly nothingSent: boolean;
}

/** By so much Temporal's clock may differ from this machine's. */
const CLOCKS_DIFFER_MS = 30_000;

interface Submission extends Attempt {
  readonly start: AttemptStart;
}

/**
 * Starts one execution. The request is billed and has no idempotency key, so whenever it is not known what became of
 * one, the task's executions are looked at before another is sent.
 */
export function createSubmission(dependencies: ActivityDependencies) {
  const { service, secrets, owners, shutdown } = dependencies;
  const doubts = createDoubts(dependencies);

  async function submit(input: SubmitRunInput, current: Submission): Promise<SubmittedRun> {
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

  /** Looks for the execution of a run in doubt. It may be paid for, so an error here is an outage, and no verdict. */
  function look(input: SubmitRunInput, current: Submission): Promise<SubmittedRun | undefined> {
    return doubts.resolve(input, current.start).catch((error: unknown) => {
      const failure = failureOf(error, { attempt: current.number, paid: true });
      const isTrouble = error instanceof TaskServiceError && failure instanceof ApplicationFailure;
      throw isTrouble ? stillUnknown(input.taskId, failure) : failure;
    });
  }

  async function send(input: SubmitRunInput, current: Submission, wasRefused = false): Promise<SubmittedRun> {
    const nothingSent = (): void => current.report({ nothingSent: true } satisfies SubmitMark);
    const secretPayload = secrets.resolveAll(input.secretPayload);
    const told = await turnToSend(current).catch((error: unknown) => {
      nothingSent();
      throw error;
    });
    let execution: Execution;
    const sentAt = Date.now();
    try {
      execution = await service.tasks.run(input.taskId, secretPayload, told);
    } catch (error) {
      const outcome = outcomeOfFailedRun(error);
      if (outcome.kind === 'unknown') return afterLostReply(input, current, error);
      if (outcome.kind === 'accepted') {
        const whose = await whoseIs(outcome.executionId, input.taskId, sentAt);
        if (whose === 'ours') return accepted(outcome.executionId);
        if (whose === 'unknown') return afterLostReply(input, current, error);
      }
      nothingSent();
      const reason = await refusedTask(service, input, error, shutdown);
      if (reason !== 'active') throw reason ?? error;
      // It may have been paused, and resumed since.
      if (wasRefused) throw error;
      return send(input, current, true);
    }
    // Something was started, and paid for: whether there is another one for this task, nobody can say.
    if (isOfOtherTask(execution, input.taskId)) throw unknownOutcome(input.taskId, ofAnother(execution), true);
    return accepted(execution.id);
  }

  /**
   * A rate-limit answer may also name an execution that somebody else is following, or one of another task. If it was claimed
   * only now, it may be ours nevertheless: another run in doubt has adopted it before this answer came, and left its own.
   */
  async function whoseIs(executionId: string, taskId: string, sentAt: number): Promise<'ours' | 'unknown' | 'others'> {
    const owner = await owners.of(executionId);
    if (owner !== undefined) return owner.claimedAt.getTime() < sentAt - CLOCKS_DIFFER_MS ? 'others' : 'unknown';
    const execution = await service.executions.get(executionId, shutdown).catch(() => undefined);
    return execution !== undefined && isOfOtherTask(execution, taskId) ? 'others' : 'ours';
  }

  /** The last moment before a request is the one that must be fenced: waiting for its turn may take long. */
  async function turnToSend({ signal }: Attempt): Promise<Told> {
    const told = await service.tasks.turnToRun(signal).catch((error: unknown) => {
      // Else it was the workflow that was cancelled.
      throw shutdown.aborted ? error : calledOff();
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
  async function afterLostReply(input: SubmitRunInput, current: Submission, error: unknown): Promise<SubmittedRun> {
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
      const start = attemptStart();
      return attempt({ paid: false, details: { taskId: input.taskId }, shutdown }, async (current) =>
        stopUnwanted(await submit(await sinceFirstAttempt(input), { ...current, start })),
      );
    },
  };
}

/** Each attempt of a caller's retry policy has a start of its own, and the one before may have sent a request. */
async function sinceFirstAttempt(input: SubmitRunInput): Promise<SubmitRunInput> {
  if (input.restartedFrom === undefined) return input;
  const first = (await chainStart()).toISOString();
  return { ...input, restartedFrom: first, sendsSince: first };
}

function ofAnother({ id, task_id: taskId }: Execution): string {
  return `the service answered with execution ${id}, which it says is of task ${taskId}`;
}

function sentNothing(): boolean {
  const mark: unknown = Context.current().info.heartbeatDetails;
  return typeof mark === 'object' && mark !== null && 'nothingSent' in mark && mark.nothingSent === true;
}
