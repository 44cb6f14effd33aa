import type { ExportRef, PublishReceipt } from './run.js';

/** The closed list of types that a workflow's one top-level failure can have: a wire contract. */
const FAILURE_TYPES = [
  'InvalidInput',
  'TaskRejected',
  'TaskPaused',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'ExecutionFailed',
  'ExecutionCancelled',
  'DeadlineExceeded',
  'RunOutcomeUnknown',
  'ExportIncomplete',
  'ExpectationFailed',
  'StoreRejected',
  'ServiceUnavailable',
  'StoreUnavailable',
  'StagingUnavailable',
  'StepFailed',
] as const;

export type FailureType = (typeof FAILURE_TYPES)[number];

/** Types of failures between an activity and its workflow, which acts on them: they end no workflow. */
export const CALLED_OFF = 'CalledOff';
export const TASK_GONE = 'TaskGone';
export const NOT_TOLD = 'NotTold';
/** A gate has judged what the store would take: nothing was published. */
export const HELD = 'Held';
/** The staged files of a step are not where they were. */
export const STAGING_GONE = 'StagingGone';

/** `details[0]` of a failure: what was paid for and what was done with it before things went wrong. */
export interface FailureDetails {
  readonly step?: string;
  readonly taskId?: string;
  readonly executionId?: string;
  readonly export?: ExportRef;
  /** Records of the export that failed validation. */
  readonly rejected?: number;
  readonly published?: readonly PublishReceipt[];
}

export function isFailureType(type: string | null | undefined): type is FailureType {
  return FAILURE_TYPES.some((known) => known === type);
}
