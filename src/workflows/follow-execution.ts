import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { FailureDetails } from '../domain/failures.js';
import { executionWorkflowId } from '../domain/ids.js';
import { isDefinition, type FollowExecutionInput, type RunTaskResult } from '../domain/run.js';
import { isAccepted, standingOf } from '../domain/status.js';
import { tallyOf } from '../domain/tally.js';
import type { ExecutionFacts } from '../activities/execution-facts.js';
import { awaitEnd } from './await-end.js';
import { millisecondsOr } from './durations.js';
import { endByContract, refuseTooLarge } from './end-by-contract.js';
import { exportAndPublish } from './export-and-publish.js';
import type { FollowedRun } from './followed-run.js';
import { answerPauseAndResume } from './pause-and-resume.js';
import { createPauses } from './pauses.js';
import { createProxies } from './proxies.js';
import { searchAttributes } from './search-attributes.js';
import { trackProgress } from './track-progress.js';

/**
 * Waits for one execution, whoever started it, then exports and publishes it. Its workflow id is the claim on the
 * execution, so it must be `execution/<executionId>`.
 */
export async function followExecution(input: FollowExecutionInput): Promise<RunTaskResult> {
  const { workflowId, parent, startTime, typedSearchAttributes } = workflowInfo();
  const executionId = input?.executionId;
  const taskId = typedSearchAttributes.get(searchAttributes.taskId) ?? givenId(input?.task);
  const progress = trackProgress({
    phase: 'waiting',
    executionId,
    followId: workflowId,
    ...(taskId === undefined ? {} : { taskId }),
  });
  const done: FollowedRun['done'] = { published: [] };
  const known = (): FailureDetails => {
    const { taskId } = progress.current();
    return { executionId, ...(taskId === undefined ? {} : { taskId }), ...done };
  };

  return endByContract(progress, known, async () => {
    refuseTooLarge(input);
    refuseOtherId(workflowId, executionId);
    const pipeline = typedSearchAttributes.get(searchAttributes.pipeline);
    const proxies = createProxies(millisecondsOr(input.giveUpAfter));
    // A parent has checked all this before it paid.
    const checked = parent
      ? Promise.resolve()
      : proxies.prepare('check the input and the stores').prepareFollow(input, pipeline);

    const pauses = createPauses(progress);
    const { pauseExecution, resumeExecution } = proxies.control(`pause or resume execution ${executionId}`);
    answerPauseAndResume(progress, {
      refusal: () => (progress.current().phase === 'waiting' ? undefined : `it is ${progress.current().phase}`),
      pause: async () => pauses.see((await pauseExecution(executionId)).status),
      resume: async () => pauses.see((await resumeExecution(executionId)).status),
    });

    const run = { input, pipeline, proxies, progress, done, pauses, checked };
    const ended = await awaitEnd(run, startTime.getTime() + millisecondsOr(input.deadline) - Date.now());
    const result = await takeUnlessCancelled(run, ended);
    progress.update({ tally: tallyOf(result) });
    upsertSearchAttributes([
      { key: searchAttributes.status, value: result.status },
      { key: searchAttributes.rows, value: progress.current().rows ?? 0 },
    ]);
    return result;
  });
}

/** Who wants what there is when he cancels gets it also where the execution had ended before. */
async function takeUnlessCancelled(run: FollowedRun, ended: ExecutionFacts): Promise<RunTaskResult> {
  if (run.input.onCancel !== 'collect') return takeWhatEnded(run, ended);
  const result = await CancellationScope.nonCancellable(() => takeWhatEnded(run, ended));
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled; its rows were collected');
  return result;
}

/** Whatever ended with data is staged, and published if it ended well enough for the caller. */
async function takeWhatEnded(run: FollowedRun, ended: ExecutionFacts): Promise<RunTaskResult> {
  const { input, progress, done } = run;
  const { status, taskId = progress.current().taskId ?? '' } = ended;
  progress.update({ status, ...(taskId === '' ? {} : { taskId }) });
  const isGood = isAccepted(status, input.accept ?? 'completed');
  if (isGood || standingOf(status) === 'partial') {
    await exportAndPublish(run, ended, isGood ? (input.publish ?? []) : []);
  }
  if (!isGood || done.export === undefined) throw endedBadly(input.executionId, ended);
  const { export: ref, published, rejected } = done;
  const uncounted = published.length === 0 && rejected !== undefined ? { rejected } : {};
  return { taskId, executionId: input.executionId, status, export: ref, published, ...uncounted };
}

/** The service need not say whose execution it is. */
function givenId(task: FollowExecutionInput['task']): string | undefined {
  return task === undefined || isDefinition(task) ? undefined : task.id;
}

function endedBadly(executionId: string, { status, error }: ExecutionFacts): ApplicationFailure {
  const reason = error === undefined ? '' : `: ${error}`;
  if (standingOf(status) === 'cancelled') {
    const message = `execution ${executionId} was cancelled at the service, not by us${reason}; start the run again if it is still wanted`;
    return ApplicationFailure.nonRetryable(message, 'ExecutionCancelled');
  }
  const cure =
    standingOf(status) === 'partial'
      ? 'what it found is staged; set `accept: partial` to publish such results'
      : "see the execution in Titan's dashboard";
  return ApplicationFailure.nonRetryable(
    `execution ${executionId} ended as ${status}${reason}; ${cure}`,
    'ExecutionFailed',
  );
}

function refuseOtherId(workflowId: string, executionId: unknown): void {
  if (typeof executionId === 'string' && workflowId === executionWorkflowId(executionId)) return;
  const wanted = executionWorkflowId(typeof executionId === 'string' ? executionId : '<executionId>');
  throw ApplicationFailure.nonRetryable(
    `followExecution must run under the workflow id ${wanted}, which is the claim on the execution, not ${workflowId}`,
    'InvalidInput',
  );
}
