import { randomUUID } from 'node:crypto';
import type { JsonObject } from './json.js';
import type { LedgerExecution } from './ledger.js';
import { momentOf, type Life } from './life.js';
import type { Oddities, ResultsLag, Script } from './script.js';
import { nameOf, type Task } from './task.js';

export interface Execution {
  readonly id: string;
  /** The task as it was at the start: later changes do not touch a run. */
  readonly task: Task;
  readonly life: Life;
  /** Rows of a whole run. */
  readonly rows: number;
  /** Share of them whose last field is null. */
  readonly badRows: number;
  /** Path of what is sent in place of them. */
  readonly file?: string;
  readonly error?: string;
  readonly secretNames: readonly string[];
  readonly exports: number;
  /** How far ahead the clock was that its times are taken from, in milliseconds. */
  readonly clockMs: number;
  readonly resultsLag?: ResultsLag;
  readonly odd?: Oddities;
  /** Whether it is somebody else's, and no call has started it. */
  readonly isStranger?: boolean;
}

/** @param totalMs how long it lives */
export function createExecution(
  task: Task,
  script: Script,
  totalMs: number,
  secretNames: readonly string[],
  now: number,
  clockMs: number,
): Execution {
  return {
    id: randomUUID(),
    task,
    life: { createdAt: now, totalMs, outcome: script.status, pauses: [] },
    rows: script.rows,
    badRows: script.badRows,
    ...(script.file === undefined ? {} : { file: script.file }),
    ...(script.error === undefined ? {} : { error: script.error }),
    secretNames,
    exports: 0,
    clockMs,
    ...(script.resultsLag ? { resultsLag: script.resultsLag } : {}),
    ...(script.odd ? { odd: script.odd } : {}),
  };
}

/** Rows there are at `now`: a run that is stopped keeps what it had found. */
export function rowsAt(execution: Execution, now: number): number {
  return Math.floor(execution.rows * momentOf(execution.life, now).progress);
}

/** Whether its results can be exported at `now`. */
export function hasResults({ life, resultsLag }: Execution, now: number): boolean {
  const { finishedAt } = momentOf(life, now);
  return finishedAt !== undefined && now >= finishedAt + (resultsLag?.seconds ?? 0) * 1000;
}

/** The execution as the API returns it. A field that has no value yet is missing. */
export function executionView(execution: Execution, now: number, timeOf: (at: number) => string | number): JsonObject {
  const { status, startedAt, finishedAt, updatedAt } = momentOf(execution.life, now);
  return {
    id: execution.id,
    task_id: execution.task.id,
    status,
    created_at: timeOf(execution.life.createdAt),
    updated_at: timeOf(updatedAt),
    ...(startedAt === undefined ? {} : { started_at: timeOf(startedAt) }),
    ...(finishedAt === undefined ? {} : { finished_at: timeOf(finishedAt) }),
    results_available: hasResults(execution, now),
    ...(status === 'failed' ? { error: execution.error ?? 'The execution failed.' } : {}),
  };
}

/** The execution as the ledger shows it. */
export function ledgerView(execution: Execution, now: number): LedgerExecution {
  const { status, finishedAt } = momentOf(execution.life, now);
  return {
    id: execution.id,
    taskId: execution.task.id,
    taskName: nameOf(execution.task),
    status,
    createdAt: new Date(execution.life.createdAt).toISOString(),
    ...(finishedAt === undefined ? {} : { finishedAt: new Date(finishedAt).toISOString() }),
    rows: rowsAt(execution, now),
    exports: execution.exports,
    ...(execution.secretNames.length === 0 ? {} : { secretNames: execution.secretNames }),
  };
}
