import { condition } from '@temporalio/workflow';
import type { ProgressTracker } from './track-progress.js';

/** Holds back what a paused workflow would start next. */
export interface Hold {
  readonly isHeld: () => boolean;
  /** Until it is released; at once where it is not held. */
  readonly released: () => Promise<void>;
  readonly hold: () => void;
  readonly release: () => void;
  /** How long it was held in all, milliseconds. */
  readonly heldMs: () => number;
}

export function createHold(progress: ProgressTracker): Hold {
  let since: number | undefined;
  let before = 0;
  return {
    isHeld: () => since !== undefined,
    released: () => (since === undefined ? Promise.resolve() : condition(() => since === undefined)),
    hold() {
      since ??= Date.now();
      progress.update({ pausedSince: new Date(since).toISOString() });
    },
    release() {
      if (since !== undefined) before += Date.now() - since;
      since = undefined;
      progress.update({ pausedSince: undefined });
    },
    heldMs: () => before + (since === undefined ? 0 : Date.now() - since),
  };
}
