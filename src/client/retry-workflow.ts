import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { describeWorkflow } from './describe-workflow.js';
import { executionWorkflowId } from '../domain/ids.js';
import { RELEASED } from '../domain/released.js';
import { shellCommand } from '../domain/shell-command.js';
import { isToBeGoneOnWith, pipelineAbove } from './pipeline-above.js';
import { ownAttributes } from './own-attributes.js';
import { readEnd } from './read-end.js';
import { retryInput } from './retry-input.js';
import { RetryRefused } from './retry-refused.js';

export interface RetryOptions {
  /** A Temporal client on the right namespace. */
  readonly client: Client;
  /** Of a workflow that failed, was cancelled or terminated; or the id of an execution. For a step its pipeline goes on. */
  readonly id: string;
  /** What the service itself failed is paid for again. Default false: then it is said, and nothing is started. */
  readonly rerun?: boolean;
}

export interface Retried {
  readonly workflowId: string;
  /** True: somebody else was faster. */
  readonly existed: boolean;
  /** True: a gate held it, and judges it again. */
  readonly wasHeld: boolean;
}

/**
 * Starts a workflow of ours again, under its own id, so that it goes on from what is already paid for: finished steps and
 * executions are kept, exported and published again. Receipts keep what is published from being published twice.
 *
 * @throws RetryRefused where there is nothing to go on from, or it still runs
 */
export async function retryWorkflow({ client, id, rerun = false }: RetryOptions): Promise<Retried> {
  const named = (await describeWorkflow(client, id)) ?? (await describeWorkflow(client, executionWorkflowId(id)));
  if (named === undefined) throw new RetryRefused(`there is no workflow and no followed execution "${id}"`);
  // What a step has done is of no use to anybody before its pipeline goes on with it.
  const pipeline = await pipelineAbove(client, named);
  const workflow = pipeline !== undefined && isToBeGoneOnWith(pipeline) ? pipeline : named;
  const { workflowId, type, taskQueue } = workflow;
  await refuseWhatIsNotOver(client, workflow);
  const end = await readEnd(client, workflow);
  const args = [await retryInput(client, workflow, end, rerun)];
  const retried = { workflowId, wasHeld: end.type === 'ExpectationFailed' || HELD_STEP.test(end.message) };
  try {
    await client.workflow.start(type, {
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      taskQueue,
      args,
      staticSummary: `retry of ${workflowId}`,
      typedSearchAttributes: ownAttributes(workflow),
      ...memoOf(workflow),
    });
    return { ...retried, existed: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { ...retried, existed: true };
  }
}

/** A gate judges anew: what was released before is not any more. */
function memoOf({ memo }: WorkflowExecutionDescription): Pick<WorkflowExecutionDescription, 'memo'> {
  if (memo === undefined) return {};
  return { memo: Object.fromEntries(Object.entries(memo).filter(([key]) => key !== RELEASED)) };
}

const HELD_STEP = /step "[^"]+" failed: ExpectationFailed:/;

async function refuseWhatIsNotOver(client: Client, workflow: WorkflowExecutionDescription): Promise<void> {
  const { workflowId, status, parentExecution } = workflow;
  if (status.name === 'RUNNING') throw new RetryRefused(`${workflowId} still runs: there is nothing to retry`);
  if (status.name === 'COMPLETED') throw new RetryRefused(`${workflowId} ended well: there is nothing to retry`);
  const parentId = parentExecution?.workflowId ?? '';
  const parent = parentId === '' ? undefined : await describeWorkflow(client, parentId);
  if (parent?.status.name !== 'RUNNING') return;
  throw new RetryRefused(
    `${workflowId} belongs to ${parentId}, which still runs; when that is over: ${shellCommand('retry', parentId)}`,
  );
}
