import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { delayBefore } from '../domain/delay-before.js';
import { durationText } from '../domain/duration-text.js';
import { NOT_TOLD, type FailureDetails, type FailureType } from '../domain/failures.js';
import { WebhookError } from '../notices/webhook-error.js';
import { DocumentError } from '../rows/document-error.js';
import { StagingError } from '../staging/staging.js';
import { StoreError } from '../stores/store.js';
import { GO_ON, serviceFact } from '../task-service/service-facts.js';
import { TaskPausedError, TaskServiceError } from '../task-service/task-service-error.js';
import { UnreadExport, type Looks } from './unread-export.js';

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
/** A person waits for it, where the name is a slip. */
const UNKNOWN_AT_MOST_MS = 30_000;
const UNKNOWN_DELAY_MS = 500;
const LONGEST_UNKNOWN_DELAY_MS = 10_000;
const LONGEST_RESULTS_DELAY_MS = 30_000;
/** A service that is still writing a document, and has sent it half written, has written more of it by then. */
const SAME_BYTES_FOR_MS = 30_000;

/** The only place where a leaf's fact becomes a failure that Temporal retries, or one that it does not. */
export function failureOf(error: unknown, context: FailureContext): Error {
  if (error instanceof ApplicationFailure) return withoutStack(error);
  if (error instanceof CancelledFailure) return error;
  if (error instanceof TaskServiceError) return failureOfService(error, context);
  if (error instanceof TaskPausedError) {
    // The workflow waits for it: see workflows/wait-for-task.ts.
    return final('TaskPaused', error, { details: { ...context.details, taskId: error.taskId } });
  }
  if (error instanceof StoreError) return failureOfStore(error, context);
  if (error instanceof StagingError) return later('StagingUnavailable', error, context);
  if (error instanceof UnreadExport) return failureOfDocument(error, context);
  if (error instanceof DocumentError) {
    return error.reason === 'unusable'
      ? final('InvalidInput', error, context)
      : later('ExportIncomplete', error, context);
  }
  if (error instanceof WebhookError) {
    const isFinal = isRefusal(error.status) || isRedirect(error.status);
    return isFinal ? final(NOT_TOLD, error, context) : later(NOT_TOLD, error, context);
  }
  return error instanceof Error ? error : new Error(String(error));
}

function failureOfDocument(error: UnreadExport, context: FailureContext): Error {
  const { problem, looks, uri, isFinal = !isWorthAnotherDownload(error, context) } = error;
  if (!isFinal) return later('ExportIncomplete', error, context);
  const within = durationText(context.resultsWithinMs ?? RESULTS_WITHIN_MS);
  const why =
    problem.reason === 'no rows'
      ? `${problem.message}; it was so ${within} after the execution's end`
      : `${problem.message}; the same bytes came ${looks.count} times in ${durationText(roundedToSeconds(looks.forMs))}`;
  const place = uri === undefined ? '' : `; they are kept as ${uri}`;
  return final(
    'ExportIncomplete',
    error,
    context,
    `${why}${place}; ${GO_ON.replace('{execution}', context.details?.executionId ?? 'ID')}`,
  );
}

function roundedToSeconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1_000)) * 1_000;
}

/**
 * Whether an export that could not be read is downloaded again. What came in place of rows may be followed by rows within
 * `resultsWithin`. The same bytes, all of them, are not mended by asking once more: a service that is still writing writes
 * others within some seconds. Where nothing tells that these are all, something on the way may cut them off, for a while.
 */
export function isWorthAnotherDownload({ problem, looks }: UnreadExport, context: FailureContext): boolean {
  const { attempt, triedForMs = 0, resultsWithinMs = RESULTS_WITHIN_MS } = context;
  if (problem.reason === 'no rows') return triedForMs < resultsWithinMs || attempt < FEWEST_LOOKS;
  return looks.count < FEWEST_LOOKS || looks.forMs < sameBytesFor(looks, resultsWithinMs);
}

function sameBytesFor({ isProvenWhole }: Looks, resultsWithinMs: number): number {
  return isProvenWhole ? Math.min(SAME_BYTES_FOR_MS, resultsWithinMs) : resultsWithinMs;
}

function failureOfStore(error: StoreError, context: FailureContext): Error {
  if (error.isUnknown) return failureOfUnknownStore(error, context);
  const isFinal = error.reason === 'rejected' || (error.reason === 'setup' && !context.paid);
  return isFinal ? final('StoreRejected', error, context) : later('StoreUnavailable', error, context);
}

/**
 * While workers get a new stores file one after the other, some do not have what others have. Nothing is paid yet: soon
 * another worker takes it, or the name is a slip, which somebody waits to hear of.
 */
function failureOfUnknownStore(error: StoreError, context: FailureContext): Error {
  const { attempt, paid, triedForMs = 0 } = context;
  if (paid) {
    const message = `${error.message} This worker waits for another one that has it, or for its own stores file (TITANFLOW_STORES).`;
    return later('StoreUnavailable', error, context, message);
  }
  if (triedForMs >= UNKNOWN_AT_MOST_MS && attempt >= FEWEST_LOOKS) {
    const tried = `No worker that has it came within ${durationText(UNKNOWN_AT_MOST_MS)}`;
    const cure = 'add it to the stores file (TITANFLOW_STORES) of the workers, or mend its name in the publication';
    return final('InvalidInput', error, context, `${error.message} ${tried}; ${cure}.`);
  }
  const failure = ApplicationFailure.create({
    type: 'StoreUnavailable',
    message: `${error.message} Another worker may have it: it is offered to them for ${durationText(UNKNOWN_AT_MOST_MS)}.`,
    nextRetryDelay: UNKNOWN_DELAY_MS * (0.5 + Math.random()),
    details: detailsOf(context),
    category: ApplicationFailureCategory.BENIGN,
  });
  return withoutStack(failure);
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
  if (cure === '') return error.message;
  const filled = cure.replace('{scope}', likelyScope(error)).replace('{execution}', executionIn(error.path));
  return `${error.message}; ${filled}`;
}

function executionIn(path: string): string {
  return /\/executions\/([^/]+)/u.exec(path)?.[1] ?? 'ID';
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

function delayAfter(fact: Error, { attempt, paid, resultsWithinMs = RESULTS_WITHIN_MS }: FailureContext): number {
  if (fact instanceof StoreError && fact.isUnknown) return Math.min(delayBefore(attempt + 1), LONGEST_UNKNOWN_DELAY_MS);
  if (fact instanceof UnreadExport) return delayAfterUnread(fact, attempt, resultsWithinMs);
  if (!(fact instanceof TaskServiceError)) return delayBefore(attempt + 1);
  if (fact.retryAfterMs !== undefined) return fact.retryAfterMs + Math.random() * 1_000;
  if (serviceFact(fact, paid).meaning !== 'not ready') return delayBefore(attempt + 1);
  return delayOfResults(attempt);
}

/** Results that lag by seconds are worth a look soon; those that lag by minutes are asked for often enough. */
function delayOfResults(attempt: number): number {
  return Math.min(delayBefore(attempt + 2), LONGEST_RESULTS_DELAY_MS);
}

/** The second look comes soon. When the same came again, those that follow are as far apart as it takes to be sure. */
function delayAfterUnread({ problem, looks }: UnreadExport, attempt: number, resultsWithinMs: number): number {
  if (problem.reason === 'no rows') return delayOfResults(attempt);
  if (looks.count === 1) return delayBefore(attempt + 1);
  const apart = sameBytesFor(looks, resultsWithinMs) / (FEWEST_LOOKS - 1);
  return Math.min(apart * (1 + Math.random() / 4), LONGEST_RESULTS_DELAY_MS);
}

/** Its message says it all: where in our code a fact was met helps nobody who reads the history. */
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}

function detailsOf(context: Pick<FailureContext, 'details'>): FailureDetails[] {
  return context.details ? [context.details] : [];
}
