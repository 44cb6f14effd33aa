import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { delayBefore } from '../domain/delay-before.js';

/**
 * Nobody knows whether a run was started. Until it is final, Temporal tries again, and the next attempt looks or knows
 * that there is nothing.
 */
export function unknownOutcome(taskId: string, reason: string, isFinal: boolean): ApplicationFailure {
  const cure = isFinal
    ? "look at the task's executions in Titan's dashboard; follow the one that was started with `executionId`, or start again"
    : 'it is sent again';
  const failure = ApplicationFailure.create({
    type: 'RunOutcomeUnknown',
    message: `whether a run of task ${taskId} was started is not known: ${reason}; ${cure}`,
    nonRetryable: isFinal,
    nextRetryDelay: delayBefore(Context.current().info.attempt + 1),
    details: [{ taskId }],
  });
  return failure;
}
