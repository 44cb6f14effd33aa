/**
 * The words of this project, and the contract of one run.
 *
 * - task: the Task Service's saved definition of what to scrape
 * - execution: the Task Service's run of a task, known by its `executionId`
 * - run: one logical run, paid for once and published once; its id is the execution's
 * - step, pipeline: a node, and the graph of them
 * - export: the download of an execution's results into staging
 * - staging: where exports rest until they are published
 * - store: where rows end up
 * - publish: load staged rows into a store
 * - receipt: the durable proof that one publication happened, kept by the store itself
 * - reject: a row that failed validation, kept with its reason
 */

import type { BatchRef } from './batch-ref.js';
import type { Json } from './json.js';

/** The body of `POST /api/v1/tasks`, passed through untouched: only the keys we look at are named. */
export interface TaskDefinition {
  readonly name: string;
  readonly execution_type?: string;
  readonly output_schema?: Json;
  readonly [key: string]: Json | undefined;
}

export type ExportFormat = 'json' | 'csv';
export type PublishMode = 'append' | 'replace' | 'merge';

export interface Publication {
  readonly store: string;
  /** `table`, or `schema.table` where the store has schemas. */
  readonly table: string;
  readonly mode: PublishMode;
  /** Columns that identify a row; needed by `merge`. */
  readonly key?: readonly string[];
}

/** What must hold before anything is published. */
export interface Expectations {
  /** At least so many valid rows; default 1 where rows are published, 0 = an empty result is fine. */
  readonly minRows?: number;
  /** Largest share of rejected records, 0 to 1; default 1. */
  readonly maxRejected?: number;
  /** Largest share, 0 to 1, of valid rows fewer than the last publication of the same table had; default: any. */
  readonly maxDrop?: number;
}

/** How one run is followed, exported and published. Durations are strings such as `6 hours`. */
export interface FollowOptions {
  /** Default `json`: types survive. */
  readonly format?: ExportFormat;
  /** Path of the rows in the document, e.g. `data.items`. */
  readonly records?: string;
  /** Default none: the result then only carries the {@link ExportRef}. */
  readonly publish?: readonly Publication[];
  /** Default `completed`; `partial` also takes `completed_with_errors`. */
  readonly accept?: 'completed' | 'partial';
  readonly expect?: Expectations;
  /** Turn `"12"` into 12 where the schema says so. Default false; CSV is always coerced. */
  readonly coerce?: boolean;
  /** Default 24 hours, from the start of the workflow. */
  readonly deadline?: string;
  /** Default `stop`. */
  readonly onDeadline?: 'stop' | 'abandon';
  /** Default `stop`; `collect` = stop, then take what there is. */
  readonly onCancel?: 'stop' | 'keep' | 'collect';
  /** Outages of service, store or staging are retried so long; default 24 hours. */
  readonly giveUpAfter?: string;
  /** How long results may lag behind the execution's end; default 15 minutes. */
  readonly resultsWithin?: string;
}

/** Input of the workflow `runTask`: one run of one task. */
export interface RunTaskInput extends FollowOptions {
  readonly task: { readonly id: string } | TaskDefinition;
  /** Follow this execution instead of starting one. */
  readonly executionId?: string;
  /** When nobody knows whether a run was started: default `adopt` (look, adopt, else send again). */
  readonly onUnknown?: 'adopt' | 'fail' | 'resubmit';
  /** Behaviour when a person has paused the task at the service; default `wait`, until it is resumed. */
  readonly onPaused?: 'wait' | 'fail';
  /** Values are names of secrets which the worker resolves; the secrets themselves never travel. */
  readonly secretPayload?: Readonly<Record<string, string>>;
}

/** Input of the workflow `followExecution`, whose id must be `execution/<executionId>`. */
export interface FollowExecutionInput extends FollowOptions {
  readonly executionId: string;
  /** Where the schema of the rows is taken from; default: the execution's own task is asked. */
  readonly task?: { readonly id: string } | TaskDefinition;
  /** Set for a batch of a `forEach` step: it is staged for the step, which publishes all of them. */
  readonly batch?: BatchRef;
}

/** A staged export: `bytes` of the document as downloaded, `sha256` of them in hex, `records` found in it. */
export interface ExportRef {
  readonly uri: string;
  readonly format: ExportFormat;
  readonly bytes: number;
  readonly records: number;
  readonly sha256: string;
}

/** What one publication did: `records = rows + rejected`, `rows = inserted + updated + unchanged + duplicates`. */
export interface PublishReceipt {
  readonly store: string;
  readonly table: string;
  readonly mode: PublishMode;
  /** True where a newer `replace` was there first: nothing was changed. */
  readonly superseded: boolean;
  readonly records: number;
  readonly rows: number;
  readonly rejected: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly duplicates: number;
  /** Columns whose guessed type was too narrow, e.g. `price: bigint to numeric`. Absent: there was none. */
  readonly widened?: readonly string[];
}

export interface RunTaskResult {
  readonly taskId: string;
  readonly executionId: string;
  /** The execution's last status, in the service's words. */
  readonly status: string;
  readonly export: ExportRef;
  readonly published: readonly PublishReceipt[];
  /** Records that failed validation, where nothing is published: no receipt counts them. Absent: none. */
  readonly rejected?: number;
  /** Executions that the service had lost before, and that were paid for, too. Absent: none. */
  readonly repeated?: number;
}

export function isDefinition(task: RunTaskInput['task']): task is TaskDefinition {
  return !('id' in task);
}

/** Valid rows of a run: as published, else as found in the export. */
export function validRows(result: RunTaskResult): number {
  return result.published[0]?.rows ?? result.export.records - (result.rejected ?? 0);
}

/** The kind of a run, where a task is run with different secrets: their names, in one order. */
export function secretNames(secretPayload: RunTaskInput['secretPayload']): string[] {
  return Object.entries(secretPayload ?? {})
    .map(([key, name]) => `${key}=${name}`)
    .toSorted();
}
