import type { Lane } from './budget/lanes.js';

/**
 * Is told what goes on between this process and the service, as it happens: for metrics and benches. It only looks on:
 * nothing waits for it, and it must not throw.
 */
export interface Observer {
  /** A request may be sent now. @param waitedMs for its turn; waits that were given up are not told of */
  onTurn?(lane: Lane, waitedMs: number): void;
  /** A request is over. @param status of the answer; undefined = none came, or nobody waited for it any more */
  onRequest?(lane: Lane, status: number | undefined): void;
  /** One of those requests was a look of the watcher's, at the list or at one execution, whatever came of it. */
  onPoll?(kind: 'list' | 'single'): void;
  /** An execution that was waited for was seen to have ended. */
  onEnded?(end: End): void;
}

/** Both are unknown where the service does not say when it was. */
export interface End {
  /** By the service's clock, Unix milliseconds. */
  readonly at: number | undefined;
  /** Since then, by that clock too: right to about a second, never negative. */
  readonly delayMs: number | undefined;
}
