import { RetryState } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, CancellationScope, log } from '@temporalio/workflow';
import type { ExecutionFacts } from '../activities/execution-facts.js';
import { isLive, standingOf } from '../domain/status.js';
import { millisecondsOr } from './durations.js';
import { exportAndPublish } from './export-and-publish.js';
import type { FollowedRun } from './followed-run.js';
import { isCancelled } from './is-cancelled.js';
import { readFailure } from './top-level-failure.js';

const PAUSED_AT_MOST_MS = 10 * 365 * 24 * 60 * 60_000;

/**
 * Waits until the execution has ended, or ends it: on cancellation and at the deadline, as the caller wants it.
 *
 * @param leftMs until the deadline; time in which the execution is paused does not count
 */
export async function awaitEnd(run: FollowedRun, leftMs: number): Promise<ExecutionFacts> {
  const { input, progress } = run;
  progress.update({ waitingFor: `execution ${input.executionId} to end` });
  try {
    await run.checked;
    return await waitThroughPauses(run, leftMs);
  } catch (error) {
    if (isCancelled(error)) {
      await CancellationScope.nonCancellable(() => endAsCancelled(run));
      throw error;
    }
    if (!ranOutOfTime(error)) throw error;
    return endAtDeadline(run);
  }
}

/** The wait ends whenever a pause begins or ends, so that the deadline's clock can stand still meanwhile. */
async function waitThroughPauses(run: FollowedRun, leftMs: number): Promise<ExecutionFacts> {
  const { progress, pauses } = run;
  let left = leftMs;
  for (;;) {
    const isPaused = progress.current().pausedSince !== undefined;
    const from = Date.now();
    const seen = await pauses.untilChanged(() => waitFor(run, isPaused ? PAUSED_AT_MOST_MS : left, isPaused));
    if (!isPaused) left -= Date.now() - from;
    if (seen === undefined) continue;
    if (isLive(seen.status)) pauses.see(seen.status);
    else {
      progress.update({ pausedSince: undefined });
      return seen;
    }
  }
}

/** @param isPaused undefined: pauses do not matter */
function waitFor({ input, proxies }: FollowedRun, atMostMs: number, isPaused?: boolean): Promise<ExecutionFacts> {
  const summary = isPaused ? `execution ${input.executionId} is paused` : `wait for execution ${input.executionId}`;
  return proxies.wait(summary, atMostMs).awaitExecution({
    executionId: input.executionId,
    giveUpAfterMs: millisecondsOr(input.giveUpAfter),
    ...(isPaused === undefined ? {} : { isPaused }),
  });
}

async function endAsCancelled(run: FollowedRun): Promise<void> {
  const onCancel = run.input.onCancel ?? 'stop';
  if (onCancel === 'keep') return;
  const ended = await stop(run, true);
  if (ended === undefined) return;
  run.progress.update({ status: ended.status });
  if (onCancel !== 'collect' || isLive(ended.status) || standingOf(ended.status) === 'failed') return;
  try {
    await exportAndPublish(run, ended, run.input.publish ?? []);
  } catch (error) {
    // No page says whether what was stopped has results: where the service has none, there is nothing to collect.
    if (standingOf(ended.status) !== 'cancelled' || !hasNoResults(error)) throw error;
    log.warn('the execution was stopped before it had results to collect', { executionId: run.input.executionId });
  }
}

/** The service refused them to the end. An export that was cut off each time is no such answer. */
function hasNoResults(error: unknown): boolean {
  const isVerdict = error instanceof ActivityFailure && error.retryState === RetryState.NON_RETRYABLE_FAILURE;
  const { type } = readFailure(error);
  return isVerdict && (type === 'ExportIncomplete' || type === 'TaskRejected' || type === 'NotFound');
}

/** One fresh look decides: the execution may have ended while the deadline passed. */
async function endAtDeadline(run: FollowedRun): Promise<ExecutionFacts> {
  const { executionId, deadline, onDeadline = 'stop' } = run.input;
  const fresh = await run.proxies.control('deadline: look once more').readExecution(executionId);
  if (!isLive(fresh.status)) return fresh;
  const ended = (onDeadline === 'stop' ? await stop(run, false) : undefined) ?? fresh;
  run.progress.update({ status: ended.status });
  const became = isLive(ended.status) ? 'told to stop, and the service does not say that it has ended' : 'stopped';
  throw ApplicationFailure.nonRetryable(
    `execution ${executionId} had not ended at its deadline (${deadline ?? '24 hours'}); it was ${
      onDeadline === 'stop' ? became : 'left running'
    }`,
    'DeadlineExceeded',
  );
}

/**
 * Stops the execution and waits until it is really over, or until `giveUpAfter`.
 *
 * @returns undefined: a later run takes it over
 */
async function stop(run: FollowedRun, unlessTakenOver: boolean): Promise<ExecutionFacts | undefined> {
  const { input, progress, proxies } = run;
  progress.update({ phase: 'stopping', pausedSince: undefined, waitingFor: `execution ${input.executionId} to stop` });
  const { stopExecution } = proxies.control(`stop execution ${input.executionId}`);
  const stopped = await (unlessTakenOver ? stopExecution(input.executionId, true) : stopExecution(input.executionId));
  if (stopped === null) return undefined;
  if (!isLive(stopped.status)) return stopped;
  return waitFor(run, millisecondsOr(input.giveUpAfter)).catch((error: unknown) => {
    if (!ranOutOfTime(error)) throw error;
    return stopped;
  });
}

/** The wait's own timeout is the deadline; so is a retry that would only come after it. */
function ranOutOfTime(error: unknown): boolean {
  return error instanceof ActivityFailure && error.retryState === RetryState.TIMEOUT;
}
