import { ApplicationFailure } from '@temporalio/common';
import { setHandler } from '@temporalio/workflow';
import { pauseUpdate, resumeUpdate } from './messages.js';
import type { ProgressTracker } from './track-progress.js';

export interface Pausing {
  /** Why it makes no sense now; undefined if it does. */
  readonly refusal: () => string | undefined;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

/**
 * Answers the updates `pause` and `resume`, one after the other in the order in which they came. What has ended, or is
 * about to, refuses them before they enter its history.
 */
export function answerPauseAndResume(progress: ProgressTracker, { refusal, pause, resume }: Pausing): void {
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>) => (): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const validator = (): void => {
    const { phase } = progress.current();
    const isOver = phase === 'completed' || phase === 'failed' || phase === 'cancelled';
    const reason = isOver ? `it is ${phase}` : refusal();
    if (reason !== undefined)
      throw ApplicationFailure.nonRetryable(`cannot pause or resume: ${reason}`, 'InvalidInput');
  };
  setHandler(pauseUpdate, inTurn(pause), {
    validator,
    description: 'Pauses the remote executions, and starts nothing more until it is resumed',
  });
  setHandler(resumeUpdate, inTurn(resume), { validator, description: 'Resumes what was paused, by whomever' });
}
