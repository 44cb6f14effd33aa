import { CancellationScope, getExternalWorkflowHandle } from '@temporalio/workflow';
import { executionWorkflowId } from '../domain/ids.js';
import type { FollowExecutionInput, RunTaskResult } from '../domain/run.js';
import { cancelWith } from './cancel-with.js';
import { claim, type ClaimedRun } from './claim.js';
import { millisecondsOr } from './durations.js';
import { isCancelled } from './is-cancelled.js';
import type { Proxies } from './proxies.js';
import { readFailure } from './top-level-failure.js';

/**
 * Waits for the workflow that owns an execution and is no child of ours: this run's own follower from before a reset,
 * or somebody who follows what our request had started.
 *
 * @param isMine then it is cancelled with us, and started again if it had ended badly: nothing is paid for that
 */
export function joinOwner(
  caller: CancellationScope,
  proxies: Proxies,
  input: FollowExecutionInput,
  taskId: string,
  isMine: boolean,
): ClaimedRun {
  const { executionId } = input;
  // Its own deadline ends it; ours must not do that before it has stopped the execution.
  const atMostMs = millisecondsOr(input.deadline) + millisecondsOr(input.giveUpAfter) + 24 * 60 * 60_000;
  const awaitOwner = (): Promise<RunTaskResult> =>
    proxies.wait(`wait for the owner of execution ${executionId}`, atMostMs).awaitOwner(executionId);

  const replace = (): Promise<ClaimedRun | undefined> =>
    CancellationScope.nonCancellable(() => claim(caller, input, taskId, 'ALLOW_DUPLICATE_FAILED_ONLY'));

  async function result(): Promise<RunTaskResult> {
    const replaced = isMine ? await replace() : undefined;
    if (replaced) return replaced.result();
    const waiting = new CancellationScope({ cancellable: true });
    cancelWith(caller, waiting);
    try {
      return await waiting.run(awaitOwner);
    } catch (error) {
      if (!isMine) throw error;
      if (isCancelled(error)) {
        await CancellationScope.nonCancellable(cancelOwner);
        throw error;
      }
      // It may have been cancelled because the attempt before this one had run out of time.
      const later = readFailure(error).type === 'ExecutionCancelled' ? await replace() : undefined;
      if (later === undefined) throw error;
      return later.result();
    }
  }

  async function cancelOwner(): Promise<void> {
    await getExternalWorkflowHandle(executionWorkflowId(executionId)).cancel();
    // That it ends as cancelled is what was asked for.
    await awaitOwner().catch(() => undefined);
  }

  return { executionId, taskId, result };
}
