import type { Hold } from './hold.js';
import { answerPauseAndResume } from './pause-and-resume.js';
import type { Proxies } from './proxies.js';
import type { ProgressTracker } from './track-progress.js';

/**
 * Hands `pause` and `resume` on to the children that run, and holds back what would start next. A child that publishes, or
 * has just ended, has nothing to pause: it goes on.
 *
 * @param running their workflow ids
 */
export function pauseChildren(
  progress: ProgressTracker,
  proxies: Proxies,
  hold: Hold,
  running: () => readonly string[],
  refusal: () => string | undefined = () => undefined,
): void {
  const relay = async (update: 'pause' | 'resume'): Promise<void> => {
    await Promise.allSettled(running().map(async (id) => proxies.control(`${update} ${id}`).relayUpdate(id, update)));
  };
  answerPauseAndResume(progress, {
    refusal,
    async pause() {
      hold.hold();
      await relay('pause');
    },
    async resume() {
      await relay('resume');
      hold.release();
    },
  });
}
