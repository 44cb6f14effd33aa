import { ApplicationFailure } from '@temporalio/common';
import type { Publication } from '../domain/run.js';
import { checkInput, type InputKind } from '../pipeline-file/check-input.js';
import { formatProblem } from '../pipeline-file/problems.js';
import type { Stores } from '../stores/open-stores.js';
import { StoreError } from '../stores/store.js';

/** @throws ApplicationFailure `InvalidInput` with every problem, a line each */
export function refuseBadInput(kind: InputKind, input: unknown): void {
  const problems = checkInput(kind, input);
  if (problems.length > 0) throw invalid(problems.map((problem) => formatProblem(kind, problem)).join('\n'));
}

/**
 * Opens the stores of publications.
 *
 * @throws ApplicationFailure `InvalidInput` where the settings of one make no sense; StoreError where this worker has no
 * such store: failures.ts leaves it to another worker for a while
 */
export function refuseUnknownStores(stores: Stores, publications: readonly Publication[] = []): void {
  try {
    for (const { store } of publications) stores.get(store);
  } catch (error) {
    throw error instanceof StoreError && error.reason === 'rejected' ? invalid(error.message) : error;
  }
}

export function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
