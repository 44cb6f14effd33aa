import { runOf } from '../activities/staged-run.js';
import { byFolder } from '../staging/by-folder.js';
import type { Staging } from '../staging/staging.js';

export interface TidyOptions {
  readonly staging: Pick<Staging, 'list'>;
  /** What was written before that time may go. */
  readonly before: Date;
  /** Whether a run that is live or held may still publish from there. @throws when that cannot be told */
  readonly isNeeded: (run: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface Tidied {
  /** Runs whose files are gone now. */
  readonly removed: number;
  /** Runs that are old, and needed. */
  readonly needed: number;
  /** Files that were begun and never finished: a process was killed. */
  readonly unfinished: number;
}

/**
 * Removes from staging what nobody needs any more. Whatever is not ours, or not old, stays.
 *
 * @throws StagingError, or what `isNeeded` throws: then nothing more is removed
 */
export async function tidyStaging({ staging, before, isNeeded, signal }: TidyOptions): Promise<Tidied> {
  let [removed, needed, unfinished] = [0, 0, 0];
  for await (const [folder, entries] of byFolder(staging.list())) {
    if (signal.aborted) break;
    const run = runOf(
      folder,
      entries.map(({ name }) => name),
    );
    if (run === undefined) continue;
    const leftovers = entries.filter((entry) => !entry.isFinished && entry.changedAt < before);
    for (const entry of leftovers) await entry.remove();
    unfinished += leftovers.length;
    const files = entries.filter(({ isFinished }) => isFinished);
    if (files.length === 0 || files.some(({ changedAt }) => changedAt >= before)) continue;
    if (await isNeeded(run)) {
      needed += 1;
      continue;
    }
    for (const file of files) await file.remove();
    removed += 1;
  }
  return { removed, needed, unfinished };
}
