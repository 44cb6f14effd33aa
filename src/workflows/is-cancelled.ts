import { RetryState } from '@temporalio/common';
import { ActivityFailure, isCancellation } from '@temporalio/workflow';

/**
 * Whether something ended because it was cancelled. An activity whose attempt fails, or whose worker dies, after its
 * cancellation was requested is not tried again, and reports that failure instead of the cancellation.
 */
export function isCancelled(error: unknown): boolean {
  const isNotRetried = error instanceof ActivityFailure && error.retryState === RetryState.CANCEL_REQUESTED;
  return isNotRetried || isCancellation(error);
}
