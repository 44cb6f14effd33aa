import { Context } from '@temporalio/activity';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { filterText } from '../list-filter.js';
import { describe } from '../owners.js';
import { invalid } from '../refuse-bad-input.js';

/** A run of a workflow, among those that had the same id one after the other. */
export type Found = Pick<WorkflowExecutionDescription, 'workflowId' | 'runId' | 'startTime'>;

/**
 * Finds the run that another one goes on from: the last of that id, and where both have the same id the last before it.
 *
 * @throws ApplicationFailure where there is none, or it has not failed
 */
export async function findRun(workflowId: string, after: Found): Promise<WorkflowExecutionDescription> {
  const run = workflowId === after.workflowId ? await lastBefore(after) : await describe(workflowId);
  if (run === undefined) {
    const message = `there is no workflow "${workflowId}" to go on from; Temporal may not keep it any more`;
    throw ApplicationFailure.nonRetryable(message, 'NotFound');
  }
  const { type, status } = run;
  if (type !== 'runPipeline') throw invalid(`cannot go on from ${workflowId}: it is a ${type}, not a runPipeline`);
  if (status.name === 'RUNNING') throw invalid(`cannot go on from ${workflowId}: it still runs`);
  if (status.name === 'COMPLETED') throw invalid(`cannot go on from ${workflowId}: it ended well, nothing is missing`);
  return run;
}

async function lastBefore({ workflowId, runId, startTime }: Found): Promise<WorkflowExecutionDescription> {
  const { client, info } = Context.current();
  const query = `WorkflowId = ${filterText(workflowId)}`;
  let last: Found | undefined;
  for await (const run of client.workflow.list({ query })) {
    const isEarlier = run.runId !== runId && run.startTime < startTime;
    if (isEarlier && (last === undefined || run.startTime > last.startTime)) last = run;
  }
  // Temporal's list lags.
  if (last === undefined) {
    throw ApplicationFailure.create({
      type: 'NotFound',
      message: `there is no earlier run of ${workflowId} to go on from; Temporal may not keep it any more`,
      nonRetryable: info.attempt >= LOOKS_FOR_THE_MISSING,
    });
  }
  return client.workflow.getHandle(workflowId, last.runId).describe();
}

const LOOKS_FOR_THE_MISSING = 6;
