import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { ProgressTracker } from './track-progress.js';

/** What is known of an execution's pauses, whoever makes them. */
export interface Pauses {
  /** The service's word for how the execution stands. */
  readonly see: (status: string) => void;
  /** Waits; undefined if the execution was paused or resumed by us meanwhile, and should be looked at again. */
  readonly untilChanged: <Result>(wait: () => Promise<Result>) => Promise<Result | undefined>;
}

export function createPauses(progress: ProgressTracker): Pauses {
  let waiting: CancellationScope | undefined;
  return {
    see(status) {
      const isPaused = status === 'paused';
      const pausedSince = isPaused ? (progress.current().pausedSince ?? new Date().toISOString()) : undefined;
      progress.update({ status, pausedSince });
      waiting?.cancel();
    },
    async untilChanged(wait) {
      const caller = CancellationScope.current();
      const scope = new CancellationScope({ cancellable: true });
      waiting = scope;
      try {
        return await scope.run(wait);
      } catch (error) {
        const isOurs = scope.consideredCancelled && !caller.consideredCancelled;
        if (isCancellation(error) && isOurs) return undefined;
        throw error;
      } finally {
        waiting = undefined;
      }
    },
  };
}
