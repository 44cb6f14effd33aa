import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { FailureDetails } from '../domain/failures.js';
import { jsonBytes, LARGEST_INPUT_BYTES } from '../domain/sizes.js';
import type { ProgressTracker } from './track-progress.js';
import { isCancelled } from './is-cancelled.js';
import { leaveToNextAttempt } from './next-attempt.js';
import { searchAttributes } from './search-attributes.js';
import { topLevelFailure } from './top-level-failure.js';

/**
 * Runs a workflow's story so that it ends in one of three ways: its result, cancelled, or one top-level failure with
 * what was paid for in its details. The Web UI must never say Completed of a run that did not end well.
 *
 * @param known asked when things went wrong: what the workflow knows by then.
 */
export async function endByContract<Result>(
  progress: ProgressTracker,
  known: () => FailureDetails,
  story: () => Promise<Result>,
): Promise<Result> {
  try {
    const result = await story().catch(leaveToNextAttempt);
    await handlersFinished();
    progress.update({ phase: 'completed', waitingFor: undefined });
    return result;
  } catch (error) {
    await handlersFinished();
    if (isCancelled(error) && CancellationScope.current().consideredCancelled) {
      progress.update({ phase: 'cancelled', waitingFor: undefined });
      markStatus(progress, 'cancelled');
      throw isCancellation(error) ? error : new CancelledFailure('cancelled');
    }
    progress.update({ phase: 'failed', waitingFor: undefined });
    markStatus(progress, 'failed');
    throw topLevelFailure(error, known());
  }
}

/** Whoever sent an update is waiting for its answer. */
function handlersFinished(): Promise<void> {
  return CancellationScope.nonCancellable(() => condition(allHandlersFinished));
}

/** The service's own word for the end of the execution says more than ours, where there is one. */
function markStatus(progress: ProgressTracker, otherwise: string): void {
  upsertSearchAttributes([{ key: searchAttributes.status, value: progress.current().status ?? otherwise }]);
}

/** Refuses an input before it is handed on: with what we add, Temporal would refuse it again and again. */
export function refuseTooLarge(input: unknown): void {
  const bytes = jsonBytes(input);
  if (bytes <= LARGEST_INPUT_BYTES) return;
  throw ApplicationFailure.nonRetryable(
    `the input has ${bytes} bytes; at most ${LARGEST_INPUT_BYTES}: store lists elsewhere, or feed them to a task with \`forEach\``,
    'InvalidInput',
  );
}
