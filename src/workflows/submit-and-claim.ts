import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  isCancellation,
  ParentClosePolicy,
  startChild,
  type ChildWorkflowHandle,
  WorkflowIdReusePolicy,
  workflowInfo,
  ApplicationFailure,
} from '@temporalio/workflow';
import type { SubmitRunInput, SubmittedRun } from '../activities/submit-run.js';
import { executionWorkflowId } from '../domain/ids.js';
import type { FollowExecutionInput, RunTaskInput } from '../domain/run.js';
import { followExecution } from './follow-execution.js';
import type { Proxies } from './proxies.js';
import { searchAttributes } from './search-attributes.js';

export interface ClaimedRun {
  readonly executionId: string;
  readonly follower: ChildWorkflowHandle<typeof followExecution>;
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
export async function submitAndClaim(
  input: RunTaskInput,
  taskId: string,
  proxies: Proxies,
  followInput: (executionId: string) => FollowExecutionInput,
): Promise<ClaimedRun> {
  const caller = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    for (let claims = 0; claims < MOST_CLAIMS; claims++) {
      const { executionId } = await submit(caller, proxies, submission(input, taskId, claims > 0));
      if (executionId === undefined) throw new CancelledFailure('cancelled before a run was started');
      const follower = await claim(caller, followInput(executionId), taskId, WorkflowIdReusePolicy.REJECT_DUPLICATE);
      if (follower) return { executionId, follower };
    }
    throw ApplicationFailure.nonRetryable(
      `${MOST_CLAIMS} executions of task ${taskId} in a row were claimed by others; see which workflows run this task`,
      'RunOutcomeUnknown',
    );
  });
}

/** Follows an execution that exists. A failed follower may be replaced: receipts keep it from publishing twice. */
export async function claimExisting(input: FollowExecutionInput, taskId: string): Promise<ClaimedRun> {
  const caller = CancellationScope.current();
  const policy = WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY;
  const follower = await CancellationScope.nonCancellable(() => claim(caller, input, taskId, policy));
  if (follower) return { executionId: input.executionId, follower };
  const owner = executionWorkflowId(input.executionId);
  throw ApplicationFailure.nonRetryable(
    `execution ${input.executionId} is followed already, by workflow ${owner}; its result is there`,
    'InvalidInput',
  );
}

function submission(input: RunTaskInput, taskId: string, claimWasLost: boolean): SubmitRunInput {
  const { attempt, runId, originalExecutionRunId, startTime } = workflowInfo();
  // A reset and a caller's workflow retry start anew, but may have sent a request before.
  const isFirst = attempt === 1 && runId === originalExecutionRunId && !claimWasLost;
  return {
    taskId,
    intendedAt: startTime.toISOString(),
    lookFirst: !isFirst,
    onlyLook: false,
    onUnknown: input.onUnknown ?? 'adopt',
    ...(input.secretPayload ? { secretPayload: input.secretPayload } : {}),
  };
}

async function submit(caller: CancellationScope, proxies: Proxies, input: SubmitRunInput): Promise<SubmittedRun> {
  const sending = new CancellationScope({ cancellable: true });
  cancelWith(caller, sending);
  try {
    return await sending.run(() => proxies.submit(`start a run of task ${input.taskId}`).submitRun(input));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const summary = 'cancelled: look whether a run was started';
    return proxies.submit(summary).submitRun({ ...input, onlyLook: true });
  }
}

async function claim(
  caller: CancellationScope,
  input: FollowExecutionInput,
  taskId: string,
  workflowIdReusePolicy: WorkflowIdReusePolicy,
): Promise<ClaimedRun['follower'] | undefined> {
  const following = new CancellationScope({ cancellable: true });
  const pipeline = workflowInfo().typedSearchAttributes.get(searchAttributes.pipeline);
  try {
    const follower = await following.run(() =>
      startChild(followExecution, {
        workflowId: executionWorkflowId(input.executionId),
        workflowIdReusePolicy,
        args: [input],
        // A parent that is terminated cannot stop its paid run: its child can.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: `follow execution ${input.executionId}`,
        typedSearchAttributes: [
          { key: searchAttributes.executionId, value: input.executionId },
          { key: searchAttributes.taskId, value: taskId },
          ...(pipeline === undefined ? [] : [{ key: searchAttributes.pipeline, value: pipeline }]),
        ],
      }),
    );
    cancelWith(caller, following);
    return follower;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/** `scope` is cancelled when `caller` is, although it does not stand inside it. */
function cancelWith(caller: CancellationScope, scope: CancellationScope): void {
  caller.cancelRequested.catch(() => scope.cancel());
}
