import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { PreparedRun } from '../activities/prepare-run.js';
import { executionWorkflowId } from '../domain/ids.js';
import type { FailureDetails } from '../domain/failures.js';
import {
  isDefinition,
  secretNames,
  validRows,
  type FollowExecutionInput,
  type RunTaskInput,
  type RunTaskResult,
} from '../domain/run.js';
import { claimExisting } from './claim-existing.js';
import { millisecondsOr } from './durations.js';
import { endByContract } from './end-by-contract.js';
import { createHold } from './hold.js';
import { answerPauseAndResume } from './pause-and-resume.js';
import { createProxies } from './proxies.js';
import { searchAttributes } from './search-attributes.js';
import { submitAndClaim } from './submit-and-claim.js';
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
    const proxies = createProxies(millisecondsOr(input?.giveUpAfter));
    const hold = createHold(progress);
    const relay = async (update: 'pause' | 'resume'): Promise<void> => {
      const { followId } = progress.current();
      if (followId !== undefined) await proxies.control(`${update} ${followId}`).relayUpdate(followId, update);
    };
    answerPauseAndResume(progress, {
      refusal: () => undefined,
      async pause() {
        await relay('pause');
        hold.hold();
      },
      async resume() {
        await relay('resume');
        hold.release();
      },
    });

    const pipeline = typedSearchAttributes.get(searchAttributes.pipeline);
    const prepare = (gone?: string): Promise<PreparedRun> =>
      proxies.prepare('check the input and the stores, ensure the task').prepareRun(input, pipeline, gone);
    const prepared = await prepare();
    await hold.released();
    progress.update({ phase: 'submitting', taskId: prepared.taskId, waitingFor: 'the run to be accepted' });
    if (!isDefinition(input.task)) showKind(input, prepared.taskId);

    const followInput = (executionId: string): FollowExecutionInput => {
      const goneMs = Date.now() - startTime.getTime() - hold.heldMs();
      return followerOf(input, executionId, millisecondsOr(input.deadline) - goneMs);
    };
    const {
      executionId,
      taskId,
      result: end,
    } = input.executionId === undefined
      ? await submitAndClaim({ input, proxies, prepared, prepareAgain: prepare, followInput })
      : await claimExisting(proxies, followInput(input.executionId), prepared.taskId);
    const followId = executionWorkflowId(executionId);
    progress.update({
      phase: 'waiting',
      taskId,
      executionId,
      followId,
      waitingFor: 'the execution to be followed to its end',
    });
    upsertSearchAttributes([
      { key: searchAttributes.taskId, value: taskId },
      { key: searchAttributes.executionId, value: executionId },
    ]);

    // Paused after the run was sent, and before anybody followed it.
    if (hold.isHeld()) await relay('pause').catch(() => undefined);
    const result = await end();
    progress.update({ status: result.status, rows: validRows(result) });
    upsertSearchAttributes([
      { key: searchAttributes.status, value: result.status },
      { key: searchAttributes.rows, value: validRows(result) },
    ]);
    return { ...result, taskId };
  });
}

/** A task given by id may be run with other secrets too: whoever is in doubt about such a run must know. */
function showKind({ secretPayload }: RunTaskInput, taskId: string): void {
  upsertSearchAttributes([{ key: searchAttributes.taskId, value: taskId }]);
  if (secretPayload) upsertMemo({ secretNames: secretNames(secretPayload) });
}

/** What the child is told: all options that are about following, and the rest of the deadline. */
function followerOf(input: RunTaskInput, executionId: string, leftMs: number): FollowExecutionInput {
  const { onUnknown: _submitting, secretPayload: _secret, ...options } = input;
  return { ...options, executionId, deadline: `${Math.max(leftMs, 1)} ms` };
}
