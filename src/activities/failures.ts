import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { delayBefore } from '../domain/delay-before.js';
import { durationText } from '../domain/duration-text.js';
import { NOT_TOLD, type FailureDetails, type FailureType } from '../domain/failures.js';
import { WebhookError } from '../notices/webhook-error.js';
import { DocumentError } from '../rows/document-error.js';
import { StagingError } from '../staging/staging.js';
import { StoreError } from '../stores/store.js';
import { serviceFact } from '../task-service/service-facts.js';
import { TaskPausedError, TaskServiceError } from '../task-service/task-service-error.js';

/** What a fact means depends on where it was met. */
export interface FailureContext {
  /** The activity's attempt, from 1: later ones wait longer. */
  readonly attempt: number;
  /**
   * Whether an execution is paid for by now. Before that a bad credential fails at once; after it, it is retried like
   * any outage, so that a token rotated badly loses nothing.
   */
  readonly paid: boolean;
  readonly details?: FailureDetails;
  /** How long it has been tried. Default: this is the first time. */
  readonly triedForMs?: number;
  /** How long results may lag behind an execution's end. Default 15 minutes. */
  readonly resultsWithinMs?: number;
}

/** Servers of one service lag behind each other; what was started a moment ago may not be readable yet. */
const MISSING_AT_MOST_MS = 15 * 60_000;
const RESULTS_WITHIN_MS = 15 * 60_000;
/** Time alone does not count: it may have passed before the first look. */
const FEWEST_LOOKS = 3;
const LONGEST_RESULTS_DELAY_MS = 30_000;

/** The only place where a leaf's fact becomes a failure that Temporal retries, or one that it does not. */
export function failureOf(error: unknown, context: FailureContext): Error {
  if (error instanceof ApplicationFailure) return withoutStack(error);
  if (error instanceof CancelledFailure) return error;
  if (error instanceof TaskServiceError) return failureOfService(error, context);
  if (error instanceof TaskPausedError) {
    // The workflow waits for it: see workflows/wait-for-task.ts.
    return final('TaskPaused', error, { details: { ...context.details, taskId: error.taskId } });
  }
  if (error instanceof StoreError) {
    return error.reason === 'rejected'
      ? final('StoreRejected', error, context)
      : later('StoreUnavailable', error, context);
  }
  if (error instanceof StagingError) return later('StagingUnavailable', error, context);
  if (error instanceof DocumentError) {
    return error.reason === 'incomplete'
      ? later('ExportIncomplete', error, context)
      : final('InvalidInput', error, context);
  }
  if (error instanceof WebhookError) {
    const isFinal = isRefusal(error.status) || isRedirect(error.status);
    return isFinal ? final(NOT_TOLD, error, context) : later(NOT_TOLD, error, context);
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** Said of what was asked for, and not of how busy a server is. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && status < 400;
}

/** Makes a failure of a fact of the service, as the table of facts has it. */
function failureOfService(error: TaskServiceError, context: FailureContext): Error {
  const { failure, meaning, cure } = serviceFact(error, context.paid);
  if (isWorthAnotherLook(error, context)) {
    // A credential is mended by somebody who reads this while it is retried.
    const isCredential = failure === 'Unauthorized' || failure === 'Forbidden';
    return later(failure, error, context, isCredential ? withCure(error, cure) : error.message);
  }
  const within = durationText(context.resultsWithinMs ?? RESULTS_WITHIN_MS);
  const late = meaning === 'not ready' ? `the results were not ready ${within} after the execution's end: ` : '';
  return final(failure, error, context, late + withCure(error, cure));
}

/** Whether the same is asked again after that fact. */
export function isWorthAnotherLook(error: TaskServiceError, context: FailureContext): boolean {
  const { attempt, triedForMs = 0, resultsWithinMs = RESULTS_WITHIN_MS } = context;
  const isWithin = (limitMs: number): boolean => triedForMs < limitMs || attempt < FEWEST_LOOKS;
  switch (serviceFact(error, context.paid).worth) {
    case 'nothing':
      return false;
    case '15 minutes':
      return isWithin(MISSING_AT_MOST_MS);
    case 'resultsWithin':
      return isWithin(resultsWithinMs);
    case 'giveUpAfter':
      // Temporal counts that, for all attempts of the activity together.
      return true;
  }
}

function withCure(error: TaskServiceError, cure: string): string {
  return cure === '' ? error.message : `${error.message}; ${cure.replace('{scope}', likelyScope(error))}`;
}

/** Scopes per route, from the vendor's table; running a task is filed under both writes. */
function likelyScope(error: TaskServiceError): string {
  if (error.path.includes('/results')) return 'data:read';
  if (error.path.endsWith('/run')) return 'tasks:write and executions:write';
  const noun = error.path.startsWith('/api/v1/tasks') ? 'tasks' : 'executions';
  return `${noun}:${error.method === 'GET' ? 'read' : 'write'}`;
}

function final(
  type: FailureType | typeof NOT_TOLD,
  { message: words }: Error,
  context: Pick<FailureContext, 'details'>,
  message = words,
): ApplicationFailure {
  const details = detailsOf(context);
  return withoutStack(ApplicationFailure.create({ type, message, nonRetryable: true, details }));
}

function later(
  type: FailureType | typeof NOT_TOLD,
  fact: Error,
  context: FailureContext,
  message = fact.message,
): ApplicationFailure {
  const delay = delayAfter(fact, context);
  const details = detailsOf(context);
  // A lock that somebody else holds is no trouble of ours: neither log nor metric counts it as one.
  const category = fact instanceof StoreError && fact.isBusy ? { category: ApplicationFailureCategory.BENIGN } : {};
  return withoutStack(ApplicationFailure.create({ type, message, nextRetryDelay: delay, details, ...category }));
}

function delayAfter(fact: Error, { attempt, paid }: FailureContext): number {
  if (!(fact instanceof TaskServiceError)) return delayBefore(attempt + 1);
  if (fact.retryAfterMs !== undefined) return fact.retryAfterMs + Math.random() * 1_000;
  if (serviceFact(fact, paid).meaning !== 'not ready') return delayBefore(attempt + 1);
  // Results that lag by seconds are worth a look soon; those that lag by minutes are asked for often enough.
  return Math.min(delayBefore(attempt + 2), LONGEST_RESULTS_DELAY_MS);
}

/** Its message says it all: where in our code a fact was met helps nobody who reads the history. */
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}

function detailsOf(context: Pick<FailureContext, 'details'>): FailureDetails[] {
  return context.details ? [context.details] : [];
}
