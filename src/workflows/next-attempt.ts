import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { patched, sleep, workflowInfo } from '@temporalio/workflow';

/** No activity waits for longer before it is tried again. */
const LONGEST_DELAY_MS = 15 * 60_000;

/**
 * Passes a failure on, unless an activity was cut short by this run's own timeout and the caller's retry policy has
 * another attempt for it: then this run waits for its timeout. A failure is final, and would end the other attempts too.
 *
 * @throws CancelledFailure if it is cancelled meanwhile
 */
export async function leaveToNextAttempt(error: unknown): Promise<never> {
  const { attempt, retryPolicy, runTimeoutMs, runStartTime } = workflowInfo();
  if (retryPolicy === undefined || runTimeoutMs === undefined || !wouldBeTriedAgain(error)) throw error;
  const hasAnother = !retryPolicy.maximumAttempts || attempt < retryPolicy.maximumAttempts;
  const leftMs = runStartTime.getTime() + runTimeoutMs - Date.now();
  if (hasAnother && leftMs <= LONGEST_DELAY_MS && patched('leave-to-next-attempt')) await sleep(leftMs + 60_000);
  throw error;
}

/** Temporal does not schedule an attempt that would begin after the run's timeout, and reports the last one's failure. */
function wouldBeTriedAgain(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || error.retryState !== RetryState.TIMEOUT) return false;
  return error.cause instanceof ApplicationFailure && error.cause.nonRetryable !== true;
}
