import type { WorkflowIdReusePolicy } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { PreparedRun } from '../activities/prepare-run.js';
import type { FailureDetails } from '../domain/failures.js';
import { executionWorkflowId } from '../domain/ids.js';
import { validRows, type FollowExecutionInput, type RunTaskInput, type RunTaskResult } from '../domain/run.js';
import { tallyOf } from '../domain/tally.js';
import { claimExisting } from './claim-existing.js';
import { millisecondsOr } from './durations.js';
import { createHold } from './hold.js';
import { answerPauseAndResume } from './pause-and-resume.js';
import { createProxies, type Proxies } from './proxies.js';
import { searchAttributes } from './search-attributes.js';
import { submitAndClaim } from './submit-and-claim.js';
import type { ProgressTracker } from './track-progress.js';
import { createTaskWait } from './wait-for-task.js';

/** A run that starts one execution, or takes one that is there, and has it followed. */
export interface WantedExecution {
  readonly options: Omit<RunTaskInput, 'task'> | null | undefined;
  /** Whether the task is made from a definition. */
  readonly isOurs: boolean;
  /** Whether a follower of the given execution may be replaced. */
  readonly mayReplace: WorkflowIdReusePolicy;
  /**
   * @param gone a task that turned out to be deleted
   * @param wasResumed whether the task was paused a moment ago
   */
  prepare(proxies: Proxies, gone?: string, wasResumed?: boolean): Promise<PreparedRun>;
  /** Called before an execution is started. */
  onPrepared?(taskId: string): void;
  follow(executionId: string, deadline: string): FollowExecutionInput;
}

/** What is known of a run that ends badly. */
export function knownOf(progress: ProgressTracker): FailureDetails {
  const { taskId, executionId } = progress.current();
  return { ...(taskId === undefined ? {} : { taskId }), ...(executionId === undefined ? {} : { executionId }) };
}

/** Prepares, starts one execution and claims it, then waits for the child that follows it. */
export async function runExecution(progress: ProgressTracker, wanted: WantedExecution): Promise<RunTaskResult> {
  const { isOurs, mayReplace, prepare, follow } = wanted;
  const options = wanted.options ?? {};
  const { startTime } = workflowInfo();
  const proxies = createProxies(millisecondsOr(options.giveUpAfter));
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

  const taskWait = createTaskWait(progress, proxies, options);
  const prepareInTime = async (gone?: string, wasResumed?: boolean): Promise<PreparedRun> => {
    try {
      return await prepare(proxies, gone, wasResumed);
    } catch (error) {
      await taskWait.untilResumed(error);
      return prepareInTime(gone, true);
    }
  };
  const prepared = await prepareInTime();
  await hold.released();
  progress.update({ phase: 'submitting', taskId: prepared.taskId, waitingFor: 'the run to be accepted' });
  wanted.onPrepared?.(prepared.taskId);

  const followInput = (executionId: string): FollowExecutionInput => {
    const goneMs = Date.now() - startTime.getTime() - hold.heldMs() - taskWait.waitedMs();
    return follow(executionId, `${Math.max(millisecondsOr(options.deadline) - Math.max(goneMs, 0), 1)} ms`);
  };
  const {
    executionId,
    taskId,
    result: end,
  } = options.executionId === undefined
    ? await submitAndClaim({ options, isOurs, proxies, prepared, prepareAgain: prepareInTime, taskWait, followInput })
    : await claimExisting(proxies, followInput(options.executionId), prepared.taskId, mayReplace);
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
  progress.update({ status: result.status, rows: validRows(result), tally: tallyOf(result) });
  upsertSearchAttributes([
    { key: searchAttributes.status, value: result.status },
    { key: searchAttributes.rows, value: validRows(result) },
  ]);
  return { ...result, taskId };
}
