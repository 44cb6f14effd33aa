import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import type { FailureDetails, FailureType } from '../domain/failures.js';
import { isFailureType, STAGING_GONE } from '../domain/failures.js';
import { cutTo } from '../domain/foreign-text.js';

/** Longest message of a failure: each workflow above repeats it. A summary of others is shorter. */
const LONGEST_MESSAGE_BYTES = 6_000;

/**
 * Makes the one failure in which a workflow ends. A child's failure arrives wrapped, and the wrapper is retryable even
 * when the cause is not: passed on as it is, a caller's own retry policy would pay again.
 *
 * @param known what the workflow itself knows was paid for and done.
 */
export function topLevelFailure(error: unknown, known: FailureDetails): ApplicationFailure {
  const { type, message, details } = readFailure(error);
  const told = cutTo(LONGEST_MESSAGE_BYTES, message);
  const failure = ApplicationFailure.create({
    type,
    message: told,
    nonRetryable: true,
    details: [{ ...details, ...known }],
    // Our own verdict is said already; anything else may know more. One that had to be cut would be repeated in full.
    ...(error instanceof Error && !(error instanceof ApplicationFailure) && told === message ? { cause: error } : {}),
  });
  // Where it was made is the same for all: what went wrong stands in the message, a bug's stack in the cause.
  failure.stack = '';
  return failure;
}

/** What a failure says about itself, however deep it is wrapped. */
export function readFailure(error: unknown): FailureReading {
  return read(error, undefined);
}

export interface FailureReading {
  readonly type: FailureType;
  readonly message: string;
  readonly details: FailureDetails;
}

/** Follows the causes down to the one that says what happened. */
function read(error: unknown, within: ActivityFailure | ChildWorkflowFailure | undefined): FailureReading {
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return read(error.cause, error);
  if (error instanceof ApplicationFailure) {
    const known = error.type === STAGING_GONE ? 'StagingUnavailable' : error.type;
    const type = isFailureType(known) ? known : typeOfOutage(within);
    return { type, message: error.message, details: detailsIn(error) };
  }
  if (isNotServed(error)) return { type: 'StagingUnavailable', message: messageFor(error, within), details: {} };
  if (error instanceof TimeoutFailure && error.cause !== undefined) return read(error.cause, within);
  return { type: typeFor(error, within), message: messageFor(error, within), details: {} };
}

/** Whether nobody serves a staging directory. Only work that must be done where one is has to begin in time. */
export function isNotServed(error: unknown): boolean {
  return error instanceof TimeoutFailure && error.timeoutType === TimeoutType.SCHEDULE_TO_START;
}

function typeFor(error: unknown, within: ActivityFailure | ChildWorkflowFailure | undefined): FailureType {
  const endedByHand = error instanceof CancelledFailure || error instanceof TerminatedFailure;
  return endedByHand ? 'ExecutionCancelled' : typeOfOutage(within);
}

const OUT_OF_REACH: ReadonlyMap<string, FailureType> = new Map([
  ['submitRun', 'RunOutcomeUnknown'],
  ['publishRows', 'StoreUnavailable'],
  ['publishBatches', 'StoreUnavailable'],
  ['planBatches', 'StagingUnavailable'],
  ['findMissing', 'StagingUnavailable'],
  ['prepareBatch', 'StagingUnavailable'],
  ['sumBatches', 'StagingUnavailable'],
  ['removeTasks', 'StagingUnavailable'],
]);

/** What was out of reach when an activity ran out of time. */
function typeOfOutage(within: ActivityFailure | ChildWorkflowFailure | undefined): FailureType {
  if (within instanceof ChildWorkflowFailure) return 'StepFailed';
  return OUT_OF_REACH.get(within?.activityType ?? '') ?? 'ServiceUnavailable';
}

function messageFor(error: unknown, within: ActivityFailure | ChildWorkflowFailure | undefined): string {
  if (within instanceof ChildWorkflowFailure) {
    const workflow = `workflow ${within.execution.workflowId ?? within.workflowType}`;
    if (error instanceof CancelledFailure) return `${workflow} was cancelled`;
    if (error instanceof TerminatedFailure) return `${workflow} was terminated; its execution may still be running`;
  }
  const where = within instanceof ActivityFailure ? `${within.activityType}: ` : '';
  if (isNotServed(error)) return `${where}no worker serves the staging directory that it needs`;
  if (error instanceof TimeoutFailure) return `${where}no worker finished it in time (${error.timeoutType})`;
  return where + (error instanceof Error ? error.message : String(error));
}

function detailsIn(failure: ApplicationFailure): FailureDetails {
  const first: unknown = failure.details?.[0];
  return typeof first === 'object' && first !== null ? first : {};
}
