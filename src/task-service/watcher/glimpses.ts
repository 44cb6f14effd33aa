import type { Execution } from '../wire.js';

/**
 * Executions that a list has shown before anybody waits for them: a run is waited for some seconds after it was started,
 * and many are waited for again at once when a worker takes over. By then the list may not show them any more, as nothing
 * has changed.
 */
export interface Glimpses {
  note(execution: Execution): void;
  /** As it was seen last; it is forgotten, for it is watched from now on. */
  take(executionId: string): Execution | undefined;
  /** Those that were not seen since a moment may have changed. */
  forgetBefore(moment: number): void;
}

interface Glimpse {
  readonly execution: Execution;
  readonly at: number;
}

const REMEMBERED = 10_000;

export function createGlimpses(): Glimpses {
  const seen = new Map<string, Glimpse>();
  return {
    note(execution) {
      // The one that was seen last stands last.
      seen.delete(execution.id);
      seen.set(execution.id, { execution, at: Date.now() });
      const [oldest] = seen.keys();
      if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
    },
    take(executionId) {
      const glimpse = seen.get(executionId);
      seen.delete(executionId);
      return glimpse?.execution;
    },
    forgetBefore(moment) {
      for (const [executionId, { at }] of seen) {
        if (at >= moment) return;
        seen.delete(executionId);
      }
    },
  };
}
