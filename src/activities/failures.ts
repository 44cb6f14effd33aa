import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { delayBefore } from '../domain/delay-before.js';
import { NOT_TOLD, type FailureDetails, type FailureType } from '../domain/failures.js';
import { WebhookError } from '../notices/webhook-error.js';
import { DocumentError } from '../rows/document-error.js';
import { StagingError } from '../staging/staging.js';
import { StoreError } from '../stores/store.js';
import { TaskServiceError } from '../task-service/task-service-error.js';

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
}

const LOOKS_FOR_THE_MISSING = 5;

/** The only place where a leaf's fact becomes a failure that Temporal retries, or one that it does not. */
export function failureOf(error: unknown, context: FailureContext): Error {
  if (error instanceof ApplicationFailure) return withoutStack(error);
  if (error instanceof CancelledFailure) return error;
  if (error instanceof TaskServiceError) return failureOfService(error, context);
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

function failureOfService(error: TaskServiceError, context: FailureContext): Error {
  const { status } = error;
  if (status === 401) return credentialFailure('Unauthorized', 'check TITAN_TOKEN and TITAN_AUTH', error, context);
  if (status === 403) {
    return credentialFailure('Forbidden', `the token lacks a scope, likely ${likelyScope(error)}`, error, context);
  }
  if (status === 409 && error.path.includes('/results')) {
    // The execution has ended, and its results are still being put together.
    return later('ExportIncomplete', error, context);
  }
  if (status === 404) {
    // What was started a moment ago may not be readable yet.
    const mayAppear = context.paid && context.attempt <= LOOKS_FOR_THE_MISSING;
    const message = `${error.message}; check the id: it may be of another account, or deleted`;
    return mayAppear ? later('NotFound', error, context) : final('NotFound', error, context, message);
  }
  if (!isRefusal(status)) return later('ServiceUnavailable', error, context);
  return final('TaskRejected', error, context, `${error.message}; ${cureOf(error)}`);
}

function cureOf({ status, method, path }: TaskServiceError): string {
  if (status === 402) return "see the account's credits in Titan's dashboard";
  const isTask = method === 'POST' && path === '/api/v1/tasks';
  return isTask ? "mend the task's definition" : "see what the service says of it in Titan's dashboard";
}

function credentialFailure(type: FailureType, cure: string, error: TaskServiceError, context: FailureContext): Error {
  const message = `${error.message}; ${cure}`;
  return context.paid ? later(type, error, context, message) : final(type, error, context, message);
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
  const asked = fact instanceof TaskServiceError ? fact.retryAfterMs : undefined;
  const delay = asked === undefined ? delayBefore(context.attempt + 1) : asked + Math.random() * 1_000;
  const details = detailsOf(context);
  return withoutStack(ApplicationFailure.create({ type, message, nextRetryDelay: delay, details }));
}

/** Its message says it all: where in our code a fact was met helps nobody who reads the history. */
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}

function detailsOf(context: Pick<FailureContext, 'details'>): FailureDetails[] {
  return context.details ? [context.details] : [];
}
