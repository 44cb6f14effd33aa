import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/activities/failures.js';
import { delayBefore } from '../../src/domain/delay-before.js';
import { DocumentError } from '../../src/rows/document-error.js';
import { StagingError } from '../../src/staging/staging.js';
import { StoreError } from '../../src/stores/store.js';
import { TaskServiceError } from '../../src/task-service/task-service-error.js';

const BEFORE = { attempt: 1, paid: false };
const AFTER = { attempt: 1, paid: true, details: { executionId: 'e1' } };

function answer(status: number, method = 'GET', path = '/api/v1/executions/e1'): TaskServiceError {
  return new TaskServiceError({ method, path, status, mayHaveTakenEffect: false }, 'told why');
}

function gateway(status: number): TaskServiceError {
  return new TaskServiceError(
    { method: 'GET', path: '/api/v1/executions/e1', status, mayHaveTakenEffect: true },
    'told why',
  );
}

function late(status: number): TaskServiceError {
  return answer(status, 'GET', '/api/v1/executions/e1/results/export');
}

function asApplicationFailure(error: Error): ApplicationFailure {
  if (!(error instanceof ApplicationFailure)) throw new Error('expected an ApplicationFailure', { cause: error });
  return error;
}

describe('a fact becomes a failure', () => {
  it.each([
    ['401 before paying', answer(401), BEFORE, 'Unauthorized', true, 'check TITAN_TOKEN and TITAN_AUTH'],
    ['401 after paying', answer(401), AFTER, 'Unauthorized', false, 'check TITAN_TOKEN and TITAN_AUTH'],
    ['403 before paying', answer(403), BEFORE, 'Forbidden', true, 'likely executions:read'],
    ['403 for a run', answer(403, 'POST', '/api/v1/tasks/t/run'), BEFORE, 'Forbidden', true, 'executions:write'],
    [
      '403 for an export',
      answer(403, 'GET', '/api/v1/executions/e/results/export'),
      AFTER,
      'Forbidden',
      false,
      'data:read',
    ],
    ['404 before paying', answer(404), BEFORE, 'NotFound', true, 'check the id'],
    ['404 just after paying', answer(404), AFTER, 'NotFound', false, 'told why'],
    [
      '404 a while after paying',
      answer(404),
      { ...AFTER, attempt: 20, triedForMs: 800_000 },
      'NotFound',
      false,
      'told why',
    ],
    [
      '404 long after paying',
      answer(404),
      { ...AFTER, attempt: 20, triedForMs: 900_000 },
      'NotFound',
      true,
      'check the id',
    ],
    ['a first 404, long after paying', answer(404), { ...AFTER, triedForMs: 9e6 }, 'NotFound', false, 'told why'],
    ['404 of a gateway', gateway(404), BEFORE, 'ServiceUnavailable', false, 'told why'],
    ['400 of a gateway after paying', gateway(400), AFTER, 'ServiceUnavailable', false, 'told why'],
    [
      'results that are late',
      late(410),
      { ...AFTER, attempt: 9, triedForMs: 899_999 },
      'ExportIncomplete',
      false,
      'told why',
    ],
    [
      'results that are too late',
      late(410),
      { ...AFTER, attempt: 9, triedForMs: 60_000, resultsWithinMs: 60_000 },
      'ExportIncomplete',
      true,
      "the results were not ready 1 minute after the execution's end: GET",
    ],
    [
      'and how to go on',
      late(422),
      { ...AFTER, attempt: 9, triedForMs: 900_000 },
      'ExportIncomplete',
      true,
      'titanflow retry execution/',
    ],
    [
      '400 for a task',
      answer(400, 'POST', '/api/v1/tasks'),
      BEFORE,
      'TaskRejected',
      true,
      "mend the task's definition",
    ],
    ['402', answer(402, 'POST', '/api/v1/tasks/t/run'), BEFORE, 'TaskRejected', true, 'credits'],
    ['409', answer(409, 'POST', '/api/v1/tasks/t/run'), BEFORE, 'TaskRejected', false, 'told why'],
    ['422', answer(422, 'POST', '/api/v1/tasks/t/run'), BEFORE, 'TaskRejected', true, 'dashboard'],
    ['408', gateway(408), BEFORE, 'ServiceUnavailable', false, 'told why'],
    ['429', gateway(429), BEFORE, 'ServiceUnavailable', false, 'told why'],
    ['503', gateway(503), AFTER, 'ServiceUnavailable', false, 'told why'],
    ['a store that refuses', new StoreError('rejected', 'no'), AFTER, 'StoreRejected', true, 'no'],
    ['a store out of reach', new StoreError('unavailable', 'gone'), AFTER, 'StoreUnavailable', false, 'gone'],
    ['staging out of reach', new StagingError('unavailable', 'full'), AFTER, 'StagingUnavailable', false, 'full'],
    ['a document cut off', new DocumentError('incomplete', 'cut'), AFTER, 'ExportIncomplete', false, 'cut'],
    [
      'no rows in the document',
      new DocumentError('no rows', 'a message'),
      AFTER,
      'ExportIncomplete',
      false,
      'a message',
    ],
    ['a document of no use', new DocumentError('unusable', 'bad'), AFTER, 'InvalidInput', true, 'bad'],
  ])('%s', (_, fact, context, type, nonRetryable, words) => {
    const failure = asApplicationFailure(failureOf(fact, context));
    expect(failure).toMatchObject({ type, nonRetryable, details: context === BEFORE ? [] : [{ executionId: 'e1' }] });
    expect(failure.message).toContain(words);
  });

  it('that tells no reader of a history where in our code it was met', () => {
    expect(failureOf(answer(400), BEFORE)).toMatchObject({ stack: '', cause: undefined });
    expect(failureOf(ApplicationFailure.nonRetryable('known', 'InvalidInput'), BEFORE).stack).toBe('');
  });

  it('and keeps the stack of what is a bug', () => {
    const bug = new TypeError('x is not a function');
    expect(failureOf(bug, BEFORE)).toBe(bug);
    expect(bug.stack).toContain('failures.test');
  });

  it('that waits as long as the service asked', () => {
    const facts = {
      method: 'GET',
      path: '/api/v1/tasks',
      status: 429,
      mayHaveTakenEffect: false,
      retryAfterMs: 30_000,
    };
    const delay = asApplicationFailure(failureOf(new TaskServiceError(facts, 'slow down'), BEFORE)).nextRetryDelay;
    expect(delay).toBeGreaterThanOrEqual(30_000);
    expect(delay).toBeLessThan(31_000);
  });
});

describe('the delay before the next look at results', () => {
  it.each([
    [1, 2_000],
    [3, 8_000],
    [50, 30_000],
  ])('after look %i is around %i ms', (attempt, around) => {
    const failure = asApplicationFailure(failureOf(late(409), { ...AFTER, attempt }));
    expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(around * 0.75);
    expect(failure.nextRetryDelay).toBeLessThanOrEqual(around * 1.25);
  });
});

describe('the delay before an attempt', () => {
  it.each([
    [2, 1_000],
    [3, 2_000],
    [6, 16_000],
    [9, 60_000],
    [500, 60_000],
  ])('%i is a quarter more or less than %i ms', (attempt, around) => {
    const delays = Array.from({ length: 50 }, () => delayBefore(attempt));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(around * 0.75);
    expect(Math.max(...delays)).toBeLessThanOrEqual(around * 1.25);
    expect(new Set(delays).size).toBeGreaterThan(1);
  });
});
