import type { FailureType } from './failures.js';

/** What a pipeline's webhook is told when it fails. */
export interface FailureEvent {
  readonly type: 'pipeline.failed';
  /** When it failed. RFC 3339. */
  readonly timestamp: string;
  readonly data: {
    readonly workflowId: string;
    readonly runId: string;
    readonly pipeline: string;
    readonly key: string;
    readonly failure: { readonly type: FailureType; readonly message: string };
    /** The steps that failed; one within another pipeline as `<step>/<its step>`. */
    readonly steps: readonly FailedStep[];
    /** Those of the steps that failed. */
    readonly executionIds: readonly string[];
  };
}

interface FailedStep {
  readonly step: string;
  readonly type: FailureType;
  readonly message: string;
  readonly executionId?: string;
}
