import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, sleep } from '@temporalio/workflow';
import type { RunBatchesResult } from '../domain/batches.js';
import { STAGING_GONE } from '../domain/failures.js';
import type { ProgressTracker } from './track-progress.js';
import { isNotServed, readFailure } from './top-level-failure.js';

/** Each move costs an export of all that was staged. */
const MOST_MOVES = 20;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Does the work of a step whose files all lie in one place, and when that place is lost, does it again elsewhere: `work` is
 * called with the number of moves before it. What was paid for stays known to Temporal, so it is only exported again.
 */
export async function whereStagingLasts<Result>(
  progress: ProgressTracker,
  work: (moves: number) => Promise<Result>,
): Promise<Result> {
  for (let moves = 0; ; moves += 1) {
    try {
      return await work(moves);
    } catch (error) {
      if (moves === MOST_MOVES || !isStagingGone(error)) throw error;
      const { message } = readFailure(error);
      progress.update({ phase: 'preparing', waitingFor: `what is staged to be exported again elsewhere: ${message}` });
      // Where workers come and go, the next place may be lost soon, too.
      if (moves > 0) await sleep(Math.min(1_000 * 2 ** moves, LONGEST_PAUSE_MS));
    }
  }
}

/** Whether nobody serves the place where a step has its files, or something of them is not there any more. */
export function isStagingGone(error: unknown): boolean {
  if (error instanceof ApplicationFailure) return error.type === STAGING_GONE;
  if (error instanceof ActivityFailure) return isNotServed(error.cause) || isStagingGone(error.cause);
  const { cause } = error instanceof ChildWorkflowFailure ? error : {};
  return cause instanceof ApplicationFailure && cause.type === 'StagingUnavailable';
}

/** Refuses a result whose batches were stopped by lost files. @throws ApplicationFailure that moves the step */
export function requireStaging({ obstacle }: RunBatchesResult): void {
  if (obstacle?.type !== 'StagingUnavailable') return;
  throw ApplicationFailure.nonRetryable(obstacle.message, STAGING_GONE);
}

/** Refuses, after a move, what is no longer at the service but was found by a batch. @throws ApplicationFailure */
export function requireResults({ obstacle }: RunBatchesResult): void {
  if (obstacle?.type !== 'NotFound' && obstacle?.type !== 'ExportIncomplete') return;
  throw ApplicationFailure.nonRetryable(
    `the files of the step are gone, and so are results at the service: batch ${obstacle.batch}: ${obstacle.message}; start a worker with the TITANFLOW_STAGING where they were, or run the pipeline anew`,
    'StagingUnavailable',
  );
}
