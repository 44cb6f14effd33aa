import type { ExportRef, FollowExecutionInput, PublishReceipt } from '../domain/run.js';
import type { Pauses } from './pauses.js';
import type { Proxies } from './proxies.js';
import type { ProgressTracker } from './track-progress.js';

/** What the parts of `followExecution` share. `done` grows as things are done, so that a failure can tell. */
export interface FollowedRun {
  readonly input: FollowExecutionInput;
  readonly pipeline: string | undefined;
  readonly proxies: Proxies;
  readonly progress: ProgressTracker;
  readonly pauses: Pauses;
  /** Whether the input and the stores are good. */
  readonly checked: Promise<void>;
  readonly done: { export?: ExportRef; rejected?: number; readonly published: PublishReceipt[] };
}
