import type { BatchRef, StepPlace } from './batch-ref.js';
import type { FailureType } from './failures.js';
import type { RunForEachInput } from './for-each.js';
import { isJsonObject, type Json } from './json.js';

/** A value of a batch: what stands in `${batch}`. */
export type BatchValue = string | number;

/** What every batch of a step is told: all that is small. */
type BatchOptions = Omit<RunForEachInput['options'], 'publish' | 'expect'>;

/** Input of the workflow `runBatches`: the batches from `first` to `last`, `parallel` at once. */
export interface RunBatchesInput {
  readonly place: StepPlace;
  readonly first: number;
  readonly last: number;
  /** Of the whole step. */
  readonly total: number;
  readonly parallel: number;
  /** So many batches that the service has lost may be paid for once more; absent: all. */
  readonly mayRepeat?: number;
  readonly options: BatchOptions;
  /** Set where the files of the step's run are gone: what was paid for is exported again, and nothing is paid for twice. */
  readonly again?: StagedBefore;
}

/** Batches whose files are gone, as far as they are known. */
export interface StagedBefore {
  /** How many of them were staged, and so paid for. */
  readonly completed: number;
}

export interface RunBatchesResult {
  /** Those that were staged before among them. */
  readonly completed: number;
  readonly failed: number;
  /** Executions that were started. */
  readonly started: number;
  /** Those among them that came after one which the service lost. */
  readonly repeated: number;
  /** Executions that were started in place of a lost one, whichever run of the step had paid for that. Absent: none. */
  readonly replaced?: number;
  /** Executions of these batches that an earlier run of the step had paid for, as far as Temporal knows. Absent: none. */
  readonly kept?: number;
  /** Of the first ones that failed. */
  readonly failures: readonly BatchFailure[];
  /** Why no more batches were started: it would have happened to each of them. */
  readonly obstacle?: BatchFailure;
}

export interface BatchFailure {
  readonly batch: number;
  readonly type: FailureType;
  readonly message: string;
}

/** Input of the workflow `runBatch`. */
export interface RunBatchInput {
  readonly ref: BatchRef;
  readonly options: BatchOptions;
  /** Paid for before: it is followed, and nothing is started. */
  readonly executionId?: string;
}

/** So many batches have one parent: its history stays well below what Temporal takes. */
const IN_ONE_HISTORY = 400;

export function chunksOf(batches: number): readonly { readonly first: number; readonly last: number }[] {
  return Array.from({ length: Math.ceil(batches / IN_ONE_HISTORY) }, (_, chunk) => ({
    first: chunk * IN_ONE_HISTORY + 1,
    last: Math.min((chunk + 1) * IN_ONE_HISTORY, batches),
  }));
}

/** Ids below the run's, and not below the workflow's: whoever goes on from a failed one finds what it had started. */
export function batchesWorkflowId(run: string, first: number): string {
  return `${run}/batches/${first}`;
}

export function batchWorkflowId(run: string, batch: number, attempt: number): string {
  return attempt === 1 ? `${run}/${batch}` : `${run}/${batch}/${attempt}`;
}

/** What the service has lost may be there the next time: such a batch is worth being paid for again. */
export function isLost(type: FailureType): boolean {
  return type === 'ExecutionFailed' || type === 'ExecutionCancelled' || type === 'DeadlineExceeded';
}

/** The values under a path such as `links.0.href`; each element of a list counts. None: the row has no use. */
export function valuesIn(row: Json, path: readonly string[]): readonly BatchValue[] {
  const found = path.reduce<Json | undefined>((value, key) => memberOf(value, key), row);
  const elements: readonly (Json | undefined)[] = Array.isArray(found) ? (found as readonly Json[]) : [found];
  return elements.filter(isBatchValue);
}

function isBatchValue(value: Json | undefined): value is BatchValue {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
}

function memberOf(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? (value as readonly Json[])[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
