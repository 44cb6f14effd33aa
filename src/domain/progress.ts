import type { FailureType } from './failures.js';
import type { SweepResult } from './orphans.js';
import type { PassedOver } from './pipeline.js';
import type { Tally } from './tally.js';

export type Phase =
  | 'preparing'
  | 'submitting'
  | 'waiting'
  | 'stopping'
  | 'exporting'
  | 'publishing'
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled';

/** The batches of a `forEach` step. */
export interface BatchCounts {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly running: number;
}

/** How a step of a pipeline stands; `pending` waits for others, `skipped` will never start. */
export interface StepProgress {
  readonly state: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled' | 'skipped';
  readonly workflowId?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly executionId?: string;
  /** The execution's last status, where the step has ended. */
  readonly status?: string;
  readonly rows?: number;
  /** What became of its records, where it ended well. */
  readonly tally?: Tally;
  /** True: an earlier run of the pipeline had finished it. */
  readonly kept?: boolean;
  readonly batches?: BatchCounts;
  /** Why it was skipped. */
  readonly why?: string;
  readonly failure?: { readonly type: FailureType; readonly message: string };
}

/** Answer of the query `progress`, on every workflow alike. Absent = not known (yet). */
export interface Progress {
  readonly phase: Phase;
  /** The execution's status in the service's words. */
  readonly status?: string;
  readonly taskId?: string;
  readonly executionId?: string;
  /** Id of the workflow that follows the execution. */
  readonly followId?: string;
  readonly steps?: Readonly<Record<string, StepProgress>>;
  readonly batches?: BatchCounts;
  /** What a sweep has found. */
  readonly sweep?: SweepResult;
  /** Valid rows exported so far. */
  readonly rows?: number;
  /** What became of the records, when it has ended well. */
  readonly tally?: Tally;
  /** Values of a `forEach` that are no URLs. */
  readonly passedOver?: PassedOver;
  readonly pausedSince?: string;
  /** What the workflow waits for, in words. */
  readonly waitingFor?: string;
}
