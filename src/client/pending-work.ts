import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { WaitMark } from '../activities/await-execution.js';
import type { WorkMark } from '../activities/work-mark.js';

/** An activity that has not ended yet. */
export interface PendingWork {
  readonly activity: string;
  readonly attempt: number;
  /** Why the attempt before this one failed; of a wait, why the service cannot be asked. */
  readonly lastFailure?: string;
  readonly nextAttemptAt?: string;
  /** The reason why an export or a publication waits, e.g. a lock and who holds it, and since when. */
  readonly waitingFor?: string;
  readonly waitingSince?: string;
  /** Of a wait: the status last seen, and when the service is asked again. */
  readonly mark?: WaitMark;
}

export function pendingWork(description: WorkflowExecutionDescription): PendingWork[] {
  return (description.raw.pendingActivities ?? []).map((pending) => {
    const mark = markOf(pending.heartbeatDetails?.payloads?.[0]);
    const lastFailure = mark?.outage?.reason ?? pending.lastFailure?.message;
    const next = pending.nextAttemptScheduleTime;
    return {
      activity: pending.activityType?.name ?? '',
      attempt: pending.attempt ?? 1,
      ...(lastFailure ? { lastFailure } : {}),
      ...(next?.seconds ? { nextAttemptAt: new Date(Number(next.seconds) * 1000).toISOString() } : {}),
      ...waitOf(mark),
      ...(mark ? { mark } : {}),
    };
  });
}

function waitOf({ waitingFor, waitingSince }: WorkMark = {}): Pick<PendingWork, 'waitingFor' | 'waitingSince'> {
  return {
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(waitingSince === undefined ? {} : { waitingSince }),
  };
}

function markOf(payload: Payload | undefined): (WaitMark & WorkMark) | undefined {
  const details: unknown = payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
  return typeof details === 'object' && details !== null ? details : undefined;
}
