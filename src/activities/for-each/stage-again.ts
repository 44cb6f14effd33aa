import { Context } from '@temporalio/activity';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { batchesWorkflowId, batchWorkflowId, type RunBatchesInput } from '../../domain/batches.js';
import type { RunForEachInput } from '../../domain/for-each.js';
import type { ForEachResult } from '../../domain/pipeline.js';
import { executionIdKey } from '../execution-id-key.js';
import type { ExportResultsInput } from '../export-results.js';
import { describe, inputOf } from '../owners.js';

/** Attempts of one batch are told apart by their number. */
const ATTEMPTS = [2, 1];
const ASK_AT_ONCE = 20;

/**
 * Returns what a step with `forEach` that ended well had staged, in the order of its batches, to export it again.
 * Temporal knows it when the directory in which it lay is gone.
 *
 * @throws ApplicationFailure `StagingUnavailable` where Temporal does not keep the step any more
 */
export async function exportsOf(run: string): Promise<readonly ExportResultsInput[]> {
  const batches = await describe(batchesWorkflowId(run, 1));
  if (batches === undefined) {
    if (await hadNoBatches(run)) return [];
    throw forgotten(run);
  }
  const { total, options } = await inputOf<RunBatchesInput>(batches);
  const { task, pipeline } = await stepOf(run, batches);
  const { format, records, coerce } = options;
  const how = {
    task,
    pipeline,
    ...(format === undefined ? {} : { format }),
    ...(records === undefined ? {} : { records }),
    ...(coerce === undefined ? {} : { coerce }),
  };
  const executions = await inSlices(total, (batch) => stagedBy(run, batch));
  return executions.flatMap((executionId) => (executionId === undefined ? [] : [{ executionId, ...how }]));
}

/** The attempts at a batch, the latest first. None: it was never begun, or Temporal does not keep it any more. */
export async function attemptsAt(run: string, batch: number): Promise<readonly BatchAttempt[]> {
  const found = ATTEMPTS.map(async (number) => {
    const workflow = await describe(batchWorkflowId(run, batch, number));
    return workflow === undefined ? [] : [{ number, workflow }];
  });
  return (await Promise.all(found)).flat();
}

export interface BatchAttempt {
  readonly number: number;
  readonly workflow: WorkflowExecutionDescription;
}

/** @returns undefined: the batch has failed, and the step went on without it */
async function stagedBy(run: string, batch: number): Promise<string | undefined> {
  const attempts = await attemptsAt(run, batch);
  if (attempts.length === 0) throw forgotten(`${run}/${batch}`);
  const good = attempts.filter(({ workflow }) => workflow.status.name === 'COMPLETED');
  const [last] = good.toSorted((one, other) => startOf(other) - startOf(one));
  return last?.workflow.typedSearchAttributes.get(executionIdKey);
}

function startOf({ workflow }: BatchAttempt): number {
  return workflow.startTime.getTime();
}

async function stepOf(run: string, { parentExecution }: WorkflowExecutionDescription): Promise<RunForEachInput> {
  const parentId = parentExecution?.workflowId ?? '';
  const step = parentId === '' ? undefined : await describe(parentId);
  if (step === undefined) throw forgotten(run);
  return inputOf<RunForEachInput>(step);
}

/** Whether a step had no batches. Such a step has no children, so only its result tells. */
async function hadNoBatches(run: string): Promise<boolean> {
  const step = await describe(run);
  if (step?.status.name !== 'COMPLETED') return false;
  const { client } = Context.current();
  const { batches } = await client.workflow.getHandle<() => Promise<ForEachResult>>(run, step.runId).result();
  return batches === 0;
}

async function inSlices<Found>(total: number, find: (batch: number) => Promise<Found>): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (let first = 1; first <= total; first += ASK_AT_ONCE) {
    const some = Array.from({ length: Math.min(ASK_AT_ONCE, total - first + 1) }, (_, index) => first + index);
    found.push(...(await Promise.all(some.map(find))));
  }
  return found;
}

function forgotten(workflow: string): ApplicationFailure {
  const message = `what ${workflow} had staged is gone, and Temporal does not keep that workflow any more, so nobody knows which executions to export again; start a new run, and keep workflows for longer (the namespace's retention)`;
  return ApplicationFailure.nonRetryable(message, 'StagingUnavailable');
}
