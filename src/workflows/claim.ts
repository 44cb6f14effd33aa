import { WorkflowExecutionAlreadyStartedError, type WorkflowIdReusePolicy } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { executionWorkflowId } from '../domain/ids.js';
import type { FollowExecutionInput, RunTaskResult } from '../domain/run.js';
import { cancelWith } from './cancel-with.js';
import { followExecution } from './follow-execution.js';
import { searchAttributes } from './search-attributes.js';

/** An execution that is followed, by a child of ours or by a workflow that we wait for. */
export interface ClaimedRun {
  readonly executionId: string;
  readonly taskId: string;
  readonly result: () => Promise<RunTaskResult>;
}

/**
 * Claims an execution: starts the workflow that follows it as a child.
 *
 * @returns undefined if somebody else owns it already
 */
export async function claim(
  caller: CancellationScope,
  input: FollowExecutionInput,
  taskId: string,
  workflowIdReusePolicy: WorkflowIdReusePolicy,
): Promise<ClaimedRun | undefined> {
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
        // Staged files are kept for as long as their step needs them.
        ...(input.batch ? { memo: { stepRun: input.batch.run } } : {}),
        staticSummary: `follow execution ${input.executionId}`,
        typedSearchAttributes: [
          { key: searchAttributes.executionId, value: input.executionId },
          { key: searchAttributes.taskId, value: taskId },
          ...(pipeline === undefined ? [] : [{ key: searchAttributes.pipeline, value: pipeline }]),
        ],
      }),
    );
    cancelWith(caller, following);
    return { executionId: input.executionId, taskId, result: () => follower.result() };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}
