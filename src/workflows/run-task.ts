import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { executionWorkflowId } from '../domain/ids.js';
import type { FailureDetails } from '../domain/failures.js';
import { validRows, type FollowExecutionInput, type RunTaskInput, type RunTaskResult } from '../domain/run.js';
import { millisecondsOr } from './durations.js';
import { endByContract } from './end-by-contract.js';
import { createProxies } from './proxies.js';
import { searchAttributes } from './search-attributes.js';
import { claimExisting, submitAndClaim } from './submit-and-claim.js';
import { trackProgress } from './track-progress.js';

/**
 * One run of one task: checks the stores, ensures the task, starts one execution and claims it, then waits for the
 * child `execution/<executionId>` to follow, export and publish it. Paid for once, through any crash.
 */
export async function runTask(input: RunTaskInput): Promise<RunTaskResult> {
  const progress = trackProgress({ phase: 'preparing', waitingFor: 'stores and task to be checked' });
  const known = (): FailureDetails => {
    const { taskId, executionId } = progress.current();
    return { ...(taskId === undefined ? {} : { taskId }), ...(executionId === undefined ? {} : { executionId }) };
  };

  return endByContract(progress, known, async () => {
    const { startTime, typedSearchAttributes } = workflowInfo();
    const deadlineAt = startTime.getTime() + millisecondsOr(input?.deadline);
    const proxies = createProxies(millisecondsOr(input?.giveUpAfter));

    const pipeline = typedSearchAttributes.get(searchAttributes.pipeline);
    const { taskId } = await proxies
      .prepare('check the input and the stores, ensure the task')
      .prepareRun(input, pipeline);
    progress.update({ phase: 'submitting', taskId, waitingFor: 'the run to be accepted' });

    const followInput = (executionId: string): FollowExecutionInput => followerOf(input, executionId, deadlineAt);
    const { executionId, follower } =
      input.executionId === undefined
        ? await submitAndClaim(input, taskId, proxies, followInput)
        : await claimExisting(followInput(input.executionId), taskId);
    const followId = executionWorkflowId(executionId);
    progress.update({ phase: 'waiting', executionId, followId, waitingFor: 'the execution to be followed to its end' });
    upsertSearchAttributes([
      { key: searchAttributes.taskId, value: taskId },
      { key: searchAttributes.executionId, value: executionId },
    ]);

    const result = await follower.result();
    progress.update({ status: result.status, rows: validRows(result) });
    upsertSearchAttributes([
      { key: searchAttributes.status, value: result.status },
      { key: searchAttributes.rows, value: validRows(result) },
    ]);
    return { ...result, taskId };
  });
}

/** What the child is told: all options that are about following, and the rest of the deadline. */
function followerOf(input: RunTaskInput, executionId: string, deadlineAt: number): FollowExecutionInput {
  const { onUnknown: _submitting, secretPayload: _secret, ...options } = input;
  return { ...options, executionId, deadline: `${Math.max(deadlineAt - Date.now(), 1)} ms` };
}
