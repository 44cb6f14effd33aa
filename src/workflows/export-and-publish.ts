import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure, workflowInfo } from '@temporalio/workflow';
import type { ExecutionFacts } from '../activities/execution-facts.js';
import type { EndedBatch, StagedExport } from '../activities/export-results.js';
import type { BatchRef } from '../domain/batch-ref.js';
import type { FollowExecutionInput, Publication } from '../domain/run.js';
import { standingOf } from '../domain/status.js';
import { millisecondsOr } from './durations.js';
import type { FollowedRun } from './followed-run.js';
import { heldExecution, passGate, readOutcomes, rehearseAll } from './pass-gate.js';

/** Stages the results, judges them, and publishes them to every store at once. `run.done` tells how far it came. */
export async function exportAndPublish(
  run: FollowedRun,
  ended: ExecutionFacts,
  publications: readonly Publication[],
): Promise<void> {
  const giveUpAt = Date.now() + millisecondsOr(run.input.giveUpAfter);
  let missing = publications;
  for (;;) {
    const staged = await stageResults(run, ended);
    await passGate(run, staged, missing);
    const problem = await rehearseAll(run.input.expect, missing, (publication) =>
      publish(run, ended, staged, publication, true),
    );
    if (problem !== undefined) throw heldExecution(run, problem, true);
    const published = await Promise.allSettled(missing.map((publication) => publish(run, ended, staged, publication)));
    missing = missing.filter((_, index) => published[index]?.status === 'rejected');
    const failure = published.find((outcome) => outcome.status === 'rejected');
    if (failure === undefined) return;
    const mustStageAgain = published.every((outcome) => outcome.status === 'fulfilled' || isExportGone(outcome.reason));
    if (!mustStageAgain) throw finalFailure(run, published);
    if (Date.now() > giveUpAt) throw ApplicationFailure.nonRetryable(gone(staged), 'StagingUnavailable');
  }
}

async function stageResults(
  { input, pipeline, proxies, progress, done }: FollowedRun,
  ended: ExecutionFacts,
): Promise<StagedExport> {
  progress.update({ phase: 'exporting', waitingFor: `the results of execution ${input.executionId}` });
  const task = input.task ?? (ended.taskId === undefined ? undefined : { id: ended.taskId });
  const summary = `export execution ${input.executionId}`;
  const { batch } = input;
  const { exportResults } = batch ? proxies.staging(summary, batch.stagingId) : proxies.export(summary);
  const staged = await exportResults({
    executionId: input.executionId,
    ...(task ? { task } : {}),
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(input.format ? { format: input.format } : {}),
    ...(input.records === undefined ? {} : { records: input.records }),
    ...(input.coerce === undefined ? {} : { coerce: input.coerce }),
    ...resultsWithin(input, ended),
    ended: { ...ended, createdAt: createdAt(ended) },
    ...(batch ? { batch: { ...batch, ...endOf(ended, progress.current().taskId) } } : {}),
  });
  done.export = staged.export;
  if (staged.rejected > 0) done.rejected = staged.rejected;
  progress.update({ rows: staged.export.records - staged.rejected });
  return staged;
}

/** An execution that was stopped may never have results. Whoever stopped it waits for the end. */
const RESULTS_OF_STOPPED_MS = 20_000;

function resultsWithin(
  { resultsWithin }: FollowExecutionInput,
  { status }: ExecutionFacts,
): { resultsWithinMs?: number } {
  const isStopped = standingOf(status) === 'cancelled';
  const wantedMs = resultsWithin === undefined ? undefined : millisecondsOr(resultsWithin);
  if (isStopped) return { resultsWithinMs: Math.min(wantedMs ?? RESULTS_OF_STOPPED_MS, RESULTS_OF_STOPPED_MS) };
  return wantedMs === undefined ? {} : { resultsWithinMs: wantedMs };
}

async function publish(
  run: FollowedRun,
  ended: ExecutionFacts,
  staged: StagedExport,
  publication: Publication,
  isRehearsal = false,
): Promise<void> {
  const { executionId, expect } = run.input;
  const { mode, store, table } = publication;
  const target = `${store}, table ${table}`;
  const input = { executionId, staged, publication, at: createdAt(ended), ...(expect ? { expect } : {}) };
  if (isRehearsal) {
    run.progress.update({ phase: 'publishing', waitingFor: `${target} to say what it would take` });
    await run.proxies.rehearse(`try to ${mode} to ${target}`, staged.stagingId).publishRows({ ...input, isRehearsal });
    return;
  }
  run.progress.update({ phase: 'publishing', waitingFor: `the rows to be in ${target}` });
  const { publishRows } = run.proxies.publish(`${mode} to ${target}`, staged.stagingId);
  run.done.published.push(await publishRows(input));
}

/** A gate says more than a store that could not be reached: the rows are held whatever that one says later. */
function finalFailure(run: FollowedRun, outcomes: readonly PromiseSettledResult<void>[]): unknown {
  const { failures, problem } = readOutcomes(outcomes);
  return problem === undefined ? failures[0] : heldExecution(run, problem, true);
}

/** A service that does not say when it made the execution: then it was when we began to follow it. */
function createdAt(ended: ExecutionFacts): string {
  return ended.createdAt ?? workflowInfo().startTime.toISOString();
}

function endOf(ended: ExecutionFacts, known = ''): Omit<EndedBatch, keyof BatchRef> {
  return { taskId: ended.taskId ?? known, status: ended.status, createdAt: createdAt(ended) };
}

/** No machine with the staging directory answers, or the file is not there any more: it is exported again. */
function isExportGone(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  if (cause instanceof TimeoutFailure) return cause.timeoutType === TimeoutType.SCHEDULE_TO_START;
  return cause instanceof ApplicationFailure && cause.type === 'ExportGone';
}

function gone(staged: StagedExport): string {
  return `no worker could read the staged export ${staged.export.uri}; see that workers run where it was staged`;
}
