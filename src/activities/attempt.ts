import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CALLED_OFF, type FailureDetails } from '../domain/failures.js';
import { failureOf, type FailureContext } from './failures.js';
import { beatSteadily } from './heartbeats.js';

/** What one attempt of an activity works with. */
export interface Attempt {
  readonly number: number;
  readonly signal: AbortSignal;
  /** Heartbeats with these details, now and from now on. */
  readonly report: (details: unknown) => void;
  /** The same, but there is no hurry: with the next heartbeat. */
  readonly note: (details: unknown) => void;
}

export interface AttemptOptions {
  readonly paid: boolean;
  readonly details?: FailureDetails;
  /** How long results may lag behind an execution's end, which the activity was scheduled at. */
  readonly resultsWithinMs?: number | undefined;
  /**
   * Aborts when the worker is told to stop, for an activity that goes on when its workflow is cancelled: Temporal tells that
   * one of nothing more.
   */
  readonly shutdown?: AbortSignal;
}

/**
 * Runs an activity's body with a steady heartbeat, and turns what it throws into the failure that Temporal acts upon.
 * Heartbeats also bring cancellation, so no activity goes without.
 */
export async function attempt<Result>(
  options: AttemptOptions,
  body: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const context = Context.current();
  let details: unknown = context.info.heartbeatDetails;
  const beat = (): void => context.heartbeat(details);
  const stopBeating = beatSteadily(beat);
  const isShuttingDown = (): boolean =>
    context.cancellationDetails?.workerShutdown === true || options.shutdown?.aborted === true;
  try {
    return await body({
      number: context.info.attempt,
      signal: context.cancellationSignal,
      report(next) {
        details = next;
        beat();
      },
      note(next) {
        details = next;
      },
    });
  } catch (error) {
    if (isCalledOff(error)) throw error;
    if (isShuttingDown()) throw handOver();
    if (context.cancellationSignal.aborted) throw cancellationOf(context.cancellationSignal);
    throw failureOf(error, failureContext(options));
  } finally {
    stopBeating();
  }
}

/** Where the current attempt of an activity stands. Its first attempt counts from when the workflow wanted it. */
export function failureContext({ resultsWithinMs, shutdown: _shutdown, ...options }: AttemptOptions): FailureContext {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  return {
    ...options,
    attempt,
    triedForMs: Date.now() - scheduledTimestampMs,
    ...(resultsWithinMs === undefined ? {} : { resultsWithinMs }),
  };
}

/** A worker that shuts down hands its work over at once: that is no failure of the run. */
function handOver(): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'WorkerShutdown',
    message: 'the worker shuts down; another one goes on',
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: 100 + Math.random() * 2_000,
  });
}

/** The answer to a cancellation that says more than that there was one. */
function isCalledOff(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === CALLED_OFF;
}

function cancellationOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure('cancelled');
}
