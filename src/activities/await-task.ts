import { setTimeout as sleep } from 'node:timers/promises';
import { isUnknownToService } from '../task-service/service-facts.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';

const FIRST_GAP_MS = 5_000;
const LONGEST_GAP_MS = 60_000;
/** Spreads the runs that waited for the same task, so that they go on one after the other. */
const SPREAD_MS = 2_000;

export function createTaskWaiting({ knownTasks }: Pick<ActivityDependencies, 'knownTasks'>) {
  async function isPaused(taskId: string, maxAgeMs: number, signal: AbortSignal): Promise<boolean> {
    try {
      return (await knownTasks.find({ id: taskId }, maxAgeMs, signal)).isPaused === true;
    } catch (error) {
      // The task is gone; running it will say so.
      if (isUnknownToService(error)) return false;
      throw error;
    }
  }

  return {
    /**
     * Waits until a paused task is resumed, or gone. In the end the task is looked at once a minute, and all who wait
     * for it in this process share the looks.
     */
    awaitTask(taskId: string): Promise<void> {
      return attempt({ paid: false, details: { taskId } }, async ({ signal }) => {
        let gap = FIRST_GAP_MS;
        // A look that is younger than half a gap is another waiter's: our own last one is a whole gap old.
        while (await isPaused(taskId, gap / 2, signal)) {
          await sleep(gap, undefined, { signal });
          gap = Math.min(gap * 1.5, LONGEST_GAP_MS);
        }
        await sleep(Math.random() * SPREAD_MS, undefined, { signal });
      });
    },
  };
}
