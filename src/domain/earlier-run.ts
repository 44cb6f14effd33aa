import type { FailureType } from './failures.js';
import type { Json } from './json.js';
import type { StepResult } from './pipeline.js';

/** What a failed run of a pipeline leaves to the one that goes on from it. */
export interface EarlierRun {
  /** Workflow id of the first run: logical runs are named after it. */
  readonly first: string;
  readonly key: string;
  readonly scheduledTime: string;
  readonly params?: Readonly<Record<string, Json>>;
  /** A step that is not there starts anew: nothing of it was paid for. */
  readonly steps: Readonly<Record<string, EarlierStep>>;
}

export type EarlierStep =
  /** It ended well. */
  | { readonly kind: 'finished'; readonly result: StepResult }
  /** Its execution is paid for, and is or may be good. */
  | ({ readonly kind: 'paid'; readonly executionId: string } & Holdable)
  /** Nothing good is left of what was paid for, or nobody knows. */
  | LostStep
  /** A pipeline or a `forEach` that goes on by itself from what its own steps and batches have finished. */
  | ({ readonly kind: 'begun'; readonly workflowId: string } & Holdable);

interface Holdable {
  /** True: a gate holds back what it would publish, or did until a release that failed on its way. */
  readonly held?: boolean;
}

export interface LostStep {
  readonly kind: 'lost';
  readonly type: FailureType;
  readonly message: string;
  readonly executionId?: string;
}
