import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { CancellationScope, CancelledFailure, workflowInfo } from '@temporalio/workflow';
import type { PreparedRun } from '../activities/prepare-run.js';
import type { SubmitRunInput, SubmittedRun } from '../activities/submit-run.js';
import { CALLED_OFF, TASK_GONE } from '../domain/failures.js';
import type { FollowExecutionInput, RunTaskInput } from '../domain/run.js';
import { claim, type ClaimedRun } from './claim.js';
import { cancelWith } from './cancel-with.js';
import { isCancelled } from './is-cancelled.js';
import { joinOwner } from './join-owner.js';
import type { Proxies } from './proxies.js';
import type { TaskWait } from './wait-for-task.js';

/** What submitting needs to know of a run. */
export interface WantedRun {
  readonly options: Pick<RunTaskInput, 'onUnknown' | 'secretPayload'>;
  /** Whether the task is made from a definition. */
  readonly isOurs: boolean;
  readonly proxies: Proxies;
  readonly prepared: PreparedRun;
  /** Makes the task again, because the one that was prepared is gone. */
  readonly prepareAgain: (gone: string) => Promise<PreparedRun>;
  readonly taskWait: Pick<TaskWait, 'untilResumed'>;
  readonly followInput: (executionId: string) => FollowExecutionInput;
}

const MOST_CLAIMS = 5;

/**
 * Starts one execution and claims it, by starting `followExecution` under the execution's own workflow id: Temporal
 * lets that happen once. Whoever loses the claim looks or submits again.
 *
 * The whole is not cancellable, only the sending inside it is: after a cancellation the workflow looks once, claims
 * what it finds, and only then cancels the child, which stops the execution. So none is left running without an owner,
 * and none is stopped that somebody else had claimed.
 */
export async function submitAndClaim(run: WantedRun): Promise<ClaimedRun> {
  const caller = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    let { prepared } = run;
    let claimWasLost = false;
    const begunAt = Date.now();
    for (let claims = 0; claims < MOST_CLAIMS; claims++) {
      const submitted = await submitWhenResumed(caller, run, submission(run, prepared, begunAt, claimWasLost));
      if (submitted.by === 'nobody') throw new CancelledFailure('cancelled before a run was started');
      if (submitted.by === 'taskIsGone') {
        const gone = prepared.taskId;
        prepared = await cancelledWith(caller, () => run.prepareAgain(gone));
        continue;
      }
      const claimed = await claimOrJoin(caller, run, { taskId: prepared.taskId, ...submitted });
      if (claimed) return claimed;
      claimWasLost = true;
    }
    throw ApplicationFailure.nonRetryable(
      `${MOST_CLAIMS} executions of task ${prepared.taskId} in a row were claimed by others; see which workflows run this task`,
      'RunOutcomeUnknown',
    );
  });
}

type Submitted = SubmittedRun | { readonly by: 'taskIsGone' };

/** @returns undefined if another run of the task has it */
async function claimOrJoin(
  caller: CancellationScope,
  { proxies, followInput }: WantedRun,
  { executionId, taskId, by }: Extract<SubmittedRun, { executionId: string }> & { readonly taskId: string },
): Promise<ClaimedRun | undefined> {
  const input = followInput(executionId);
  const claimed = by === 'owning' ? undefined : await claim(caller, input, taskId, 'REJECT_DUPLICATE');
  if (claimed) return claimed;
  const ownership = by === 'owning' ? 'mine' : await proxies.control('see who owns it').findOwner(executionId);
  // What our own request started is paid for, whoever follows it: it is waited for, and not paid again.
  const isOurs = ownership === 'mine' || (by === 'sending' && ownership === 'other');
  return isOurs ? joinOwner(caller, proxies, input, taskId, ownership === 'mine') : undefined;
}

function submission(
  { options: { onUnknown = 'adopt', secretPayload }, isOurs }: WantedRun,
  { taskId, intendedAt }: PreparedRun,
  begunAt: number,
  claimWasLost: boolean,
): SubmitRunInput {
  const { attempt, runId, originalExecutionRunId, startTime } = workflowInfo();
  // A reset and a caller's workflow retry start anew, but may have sent a request before.
  const isRestarted = attempt > 1 || runId !== originalExecutionRunId;
  return {
    taskId,
    isOurs,
    intendedAt,
    sendsSince: new Date(isRestarted ? startTime.getTime() : begunAt).toISOString(),
    ...(isRestarted ? { restartedFrom: startTime.toISOString() } : {}),
    lookFirst: isRestarted || claimWasLost,
    onlyLook: false,
    onUnknown,
    ...(secretPayload ? { secretPayload } : {}),
  };
}

async function submitWhenResumed(caller: CancellationScope, run: WantedRun, input: SubmitRunInput): Promise<Submitted> {
  try {
    return await submit(caller, run.proxies, input);
  } catch (error) {
    await cancelledWith(caller, () => run.taskWait.untilResumed(error));
    // The last request was refused: nothing was sent before now.
    const since = input.lookFirst ? {} : { sendsSince: new Date(Date.now()).toISOString() };
    return submitWhenResumed(caller, run, { ...input, ...since });
  }
}

/** Nothing is sent meanwhile, so a cancellation may break it off. */
function cancelledWith<Result>(caller: CancellationScope, body: () => Promise<Result>): Promise<Result> {
  const scope = new CancellationScope({ cancellable: true });
  cancelWith(caller, scope);
  return scope.run(body);
}

async function submit(caller: CancellationScope, proxies: Proxies, input: SubmitRunInput): Promise<Submitted> {
  const sending = new CancellationScope({ cancellable: true });
  cancelWith(caller, sending);
  try {
    return await sending.run(() => proxies.submit(`start a run of task ${input.taskId}`).submitRun(input));
  } catch (error) {
    const type = typeOf(error);
    if (type === CALLED_OFF) return { by: 'nobody' };
    if (type === TASK_GONE) return { by: 'taskIsGone' };
    if (!isCancelled(error)) throw error;
    const summary = 'cancelled: look whether a run was started';
    return proxies.submit(summary).submitRun({ ...input, onlyLook: true });
  }
}

function typeOf(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
}
