import { Context } from '@temporalio/activity';
import { describe } from './owners.js';
import type { SubmitRunInput } from './submit-run.js';

/** When an attempt began, by this machine's clocks: the one that can be set, and the one that can stand still. */
export interface AttemptStart {
  readonly at: number;
  readonly steady: number;
}

export function attemptStart(): AttemptStart {
  return { at: Date.now(), steady: performance.now() };
}

/** Tolerance for the clocks of Temporal's hosts, and for a task's way from there to here. */
const LATE_MS = 2_000;

/**
 * Returns the earliest moment, by this machine's clock, at which the run can have sent its request. How long ago that
 * was is counted by Temporal's clock up to the start of this attempt, and by ours from there: no clocks are compared.
 */
export async function earliestSend(input: SubmitRunInput, start: AttemptStart): Promise<number> {
  const began = Math.min(start.at, Date.now() - (performance.now() - start.steady));
  return began - (await beforeAttempt(input)) - LATE_MS;
}

async function beforeAttempt(input: SubmitRunInput): Promise<number> {
  // Nothing before this attempt can have sent a request.
  if (Context.current().info.attempt === 1 && !input.lookFirst && !input.onlyLook) return 0;
  return Math.max((await attemptStartedAt()) - firstSend(input), 0);
}

/** Returns since when a request may have been sent, by Temporal's clock; an earlier version may use another one. */
function firstSend({ sendsSince, restartedFrom, intendedAt }: SubmitRunInput): number {
  return sendsSince === undefined ? Date.parse(restartedFrom ?? intendedAt) - 30_000 : Date.parse(sendsSince);
}

/** Returns when this attempt began, by Temporal's clock. @throws ServiceError if Temporal does not answer */
async function attemptStartedAt(): Promise<number> {
  const { activityId, workflowExecution, currentAttemptScheduledTimestampMs } = Context.current().info;
  const workflow = await describe(workflowExecution?.workflowId ?? '');
  const pending = workflow?.raw.pendingActivities?.find((activity) => activity.activityId === activityId);
  const { seconds, nanos } = pending?.lastStartedTime ?? {};
  // The workflow is closed by now: what is found is only stopped.
  if (seconds === undefined || seconds === null) return currentAttemptScheduledTimestampMs;
  return Number(seconds) * 1_000 + (nanos ?? 0) / 1e6;
}
