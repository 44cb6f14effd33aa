import { idKey } from '../same-id.js';
import type { Execution } from '../wire.js';

/**
 * Executions that a list has shown before anybody waits for them: a run is waited for some seconds after it was started,
 * and many are waited for again at once when a worker takes over. By then the list may not show them any more, as nothing
 * has changed.
 */
export interface Glimpses {
  note(execution: Execution): void;
  /** Returns an execution as it was seen last, and forgets it: it is watched from now on. @param key of its id */
  take(key: string): Execution | undefined;
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
      const key = idKey(execution.id);
      seen.delete(key);
      seen.set(key, { execution, at: Date.now() });
      const [oldest] = seen.keys();
      if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
    },
    take(key) {
      const glimpse = seen.get(key);
      seen.delete(key);
      return glimpse?.execution;
    },
    forgetBefore(moment) {
      for (const [key, { at }] of seen) {
        if (at >= moment) return;
        seen.delete(key);
      }
    },
  };
}
