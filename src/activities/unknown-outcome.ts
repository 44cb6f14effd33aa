import { Context } from '@temporalio/activity';
import { ApplicationFailure, type ApplicationFailureOptions } from '@temporalio/common';
import { delayBefore } from '../domain/delay-before.js';

const LOOK_YOURSELF =
  "look at the task's executions in Titan's dashboard; follow the one that was started with `executionId`, or start again";

/**
 * Nobody knows whether a run was started. Until it is final, Temporal tries again, and the next attempt looks or knows
 * that there is nothing.
 */
export function unknownOutcome(taskId: string, reason: string, isFinal: boolean): ApplicationFailure {
  const { attempt } = Context.current().info;
  return outcomeFailure(taskId, `${reason}; ${isFinal ? LOOK_YOURSELF : 'it is sent again'}`, {
    nonRetryable: isFinal,
    nextRetryDelay: delayBefore(attempt + 1),
  });
}

/** The same, where a failure keeps the service from telling. When the time is over, that is what remains to be said. */
export function stillUnknown(taskId: string, failure: ApplicationFailure): ApplicationFailure {
  const { message, nonRetryable, nextRetryDelay } = failure;
  return outcomeFailure(taskId, `${message}; ${nonRetryable === true ? LOOK_YOURSELF : 'it is looked for again'}`, {
    nonRetryable: nonRetryable === true,
    ...(nextRetryDelay === undefined || nextRetryDelay === null ? {} : { nextRetryDelay }),
  });
}

function outcomeFailure(
  taskId: string,
  words: string,
  retry: Pick<ApplicationFailureOptions, 'nonRetryable' | 'nextRetryDelay'>,
): ApplicationFailure {
  const message = `whether a run of task ${taskId} was started is not known: ${words}`;
  return ApplicationFailure.create({ type: 'RunOutcomeUnknown', message, details: [{ taskId }], ...retry });
}
