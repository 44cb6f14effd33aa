import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { FailureType } from '../domain/failures.js';
import type { RunTaskInput } from '../domain/run.js';
import { millisecondsOr } from './durations.js';
import type { Proxies } from './proxies.js';
import { searchAttributes } from './search-attributes.js';
import type { ProgressTracker } from './track-progress.js';

/** Waits for tasks that a person has paused. */
export interface TaskWait {
  /**
   * Returns when the task is resumed, or gone.
   *
   * @param error what a try to prepare or to start the run has ended in
   * @throws `error` where no task was paused, or the run shall not wait
   * @throws ApplicationFailure `TaskPaused` where that takes longer than outages are waited for
   */
  untilResumed(error: unknown): Promise<void>;
  /** How long was waited in all, milliseconds. */
  waitedMs(): number;
}

const PAUSED: FailureType = 'TaskPaused';

export function createTaskWait(
  progress: ProgressTracker,
  proxies: Proxies,
  { onPaused, giveUpAfter }: Pick<RunTaskInput, 'onPaused' | 'giveUpAfter'>,
): TaskWait {
  let waited = 0;

  async function wait(taskId: string): Promise<void> {
    const begun = Date.now();
    const left = millisecondsOr(giveUpAfter) - waited;
    try {
      await proxies.wait(`wait for task ${taskId} to be resumed`, left).awaitTask(taskId);
    } catch (error) {
      throw isTimeout(error) ? givenUp(taskId, giveUpAfter) : error;
    } finally {
      waited += Date.now() - begun;
    }
  }

  return {
    waitedMs: () => waited,
    async untilResumed(error) {
      const taskId = pausedTaskIn(error);
      if (taskId === undefined || onPaused === 'fail') throw error;
      const { phase, waitingFor } = progress.current();
      progress.update({ taskId, waitingFor: `task ${taskId} is paused at the service; resume it there` });
      upsertSearchAttributes([{ key: searchAttributes.status, value: 'paused' }]);
      await wait(taskId);
      progress.update({ waitingFor });
      upsertSearchAttributes([{ key: searchAttributes.status, value: phase }]);
    },
  };
}

function pausedTaskIn(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== PAUSED) return undefined;
  const details: unknown = cause.details?.[0];
  const isTold = typeof details === 'object' && details !== null && 'taskId' in details;
  return isTold && typeof details.taskId === 'string' ? details.taskId : undefined;
}

function isTimeout(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure && error.cause.cause === undefined;
}

function givenUp(taskId: string, after = '24 hours'): ApplicationFailure {
  const message = `task ${taskId} is paused at the service, and was not resumed within ${after}; resume it there, then start the run again`;
  return ApplicationFailure.nonRetryable(message, PAUSED, { taskId });
}
