import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Progress } from '../domain/progress.js';
import { progressMarkdown } from '../domain/progress-markdown.js';
import { progressQuery } from './messages.js';

export interface ProgressTracker {
  readonly current: () => Progress;
  /** `undefined` = no longer known. */
  readonly update: (changes: ProgressChanges) => void;
}

type ProgressChanges = { readonly [Key in keyof Progress]?: Progress[Key] | undefined };

/** Answers the query `progress`, and shows the same in the Web UI as the workflow's current details. */
export function trackProgress(initial: Progress): ProgressTracker {
  let progress = initial;
  let isShown = true;
  setHandler(progressQuery, () => progress, { description: 'What this workflow is doing, and how far it is' });
  setCurrentDetails(progressMarkdown(progress));

  /** Changes that come together are shown together: many steps can start or end in one go. */
  async function showSoon(): Promise<void> {
    if (!isShown) return;
    isShown = false;
    await Promise.resolve();
    isShown = true;
    setCurrentDetails(progressMarkdown(progress));
  }

  return {
    current: () => progress,
    update(changes) {
      const merged = Object.entries({ ...progress, ...changes }).filter(([, value]) => value !== undefined);
      progress = { phase: progress.phase, ...Object.fromEntries(merged) };
      void showSoon();
    },
  };
}
