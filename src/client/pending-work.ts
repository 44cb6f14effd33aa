import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { WaitMark } from '../activities/await-execution.js';

/** An activity that has not ended yet. */
export interface PendingWork {
  readonly activity: string;
  readonly attempt: number;
  /** Why the attempt before this one failed. */
  readonly lastFailure?: string;
  readonly nextAttemptAt?: string;
  /** Of a wait: the status last seen, and when the service is asked again. */
  readonly mark?: WaitMark;
}

export function pendingWork(description: WorkflowExecutionDescription): PendingWork[] {
  return (description.raw.pendingActivities ?? []).map((pending) => {
    const lastFailure = pending.lastFailure?.message;
    const next = pending.nextAttemptScheduleTime;
    const [payload] = pending.heartbeatDetails?.payloads ?? [];
    const mark: unknown = payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
    return {
      activity: pending.activityType?.name ?? '',
      attempt: pending.attempt ?? 1,
      ...(lastFailure ? { lastFailure } : {}),
      ...(next?.seconds ? { nextAttemptAt: new Date(Number(next.seconds) * 1000).toISOString() } : {}),
      ...(typeof mark === 'object' && mark !== null ? { mark } : {}),
    };
  });
}
