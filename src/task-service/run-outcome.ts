import { serviceFact } from './service-facts.js';
import { TaskServiceError } from './task-service-error.js';

/**
 * What became of a `POST …/run`. It is billed and has no idempotency key, so everything depends on telling these
 * apart: *not sent* and *refused* may be sent again, *unknown* must be looked for first.
 */
export type RunOutcome =
  | { readonly kind: 'accepted'; readonly executionId: string }
  | { readonly kind: 'not sent' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' };

/** Reads the outcome off what the call threw; anything that is not certain is unknown. */
export function outcomeOfFailedRun(error: unknown): RunOutcome {
  if (!(error instanceof TaskServiceError)) return { kind: 'unknown' };
  // A rate-limit answer that carries an execution is an acceptance: that execution is live and billed.
  if (error.executionId !== undefined) return { kind: 'accepted', executionId: error.executionId };
  const { meaning } = serviceFact(error, false);
  return meaning === 'not sent' || meaning === 'refused' ? { kind: meaning } : { kind: 'unknown' };
}
