import { ApplicationFailure, type WorkflowIdReusePolicy } from '@temporalio/common';
import { CancellationScope } from '@temporalio/workflow';
import { executionWorkflowId } from '../domain/ids.js';
import type { FollowExecutionInput } from '../domain/run.js';
import { claim, type ClaimedRun } from './claim.js';
import { joinOwner } from './join-owner.js';
import type { Proxies } from './proxies.js';

/** Follows an execution that exists. A failed follower may be replaced: receipts keep it from publishing twice. */
export async function claimExisting(
  proxies: Proxies,
  input: FollowExecutionInput,
  taskId: string,
  policy: WorkflowIdReusePolicy,
): Promise<ClaimedRun> {
  const caller = CancellationScope.current();
  const { executionId } = input;
  return CancellationScope.nonCancellable(async () => {
    const claimed = await claim(caller, input, taskId, policy);
    if (claimed) return claimed;
    const isMine = (await proxies.control('see who owns it').findOwner(executionId)) === 'mine';
    if (isMine) return joinOwner(caller, proxies, input, taskId, true);
    throw ApplicationFailure.nonRetryable(
      `execution ${executionId} is followed already, by workflow ${executionWorkflowId(executionId)}; its result is there`,
      'InvalidInput',
    );
  });
}
