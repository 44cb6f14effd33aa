import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { RunForEachInput } from '../domain/for-each.js';
import { executionWorkflowId } from '../domain/ids.js';
import type { RunPipelineInput } from '../domain/pipeline.js';
import type { FollowExecutionInput, RunTaskInput } from '../domain/run.js';
import { shellCommand } from '../domain/shell-command.js';
import { searchAttributes } from '../workflows/search-attributes.js';
import type { BadEnd } from './read-end.js';
import { readInput } from './read-input.js';
import { RetryRefused } from './retry-refused.js';

type Input = RunTaskInput | FollowExecutionInput | RunPipelineInput | RunForEachInput;

/** What a workflow is started with to go on from what it had done. @throws RetryRefused */
export async function retryInput(
  client: Client,
  workflow: WorkflowExecutionDescription,
  end: BadEnd,
  rerun: boolean,
): Promise<Input> {
  const { type, workflowId } = workflow;
  switch (type) {
    case 'runPipeline': {
      const { release: _before, ...input } = await readInput<RunPipelineInput>(client, workflow);
      return { ...input, resumeOf: workflowId, rerun };
    }
    case 'runTask':
      return runTaskAgain(client, workflow, end, rerun);
    case 'followExecution':
      return followAgain(client, workflow, end, rerun);
    case 'runForEach':
      return readInput<RunForEachInput>(client, workflow);
    default:
      throw new RetryRefused(`${workflowId} is a ${type}: start a new one instead`);
  }
}

/** Failures of the service, after which nothing good is left of the execution; of some only the service knows. */
const LOST: ReadonlySet<string | undefined> = new Set(['ExecutionFailed', 'RunOutcomeUnknown']);
const PERHAPS_LOST: ReadonlySet<string | undefined> = new Set([
  ...LOST,
  'ExecutionCancelled',
  'DeadlineExceeded',
  undefined,
]);

async function runTaskAgain(
  client: Client,
  workflow: WorkflowExecutionDescription,
  { type, message, details }: BadEnd,
  rerun: boolean,
): Promise<RunTaskInput> {
  const { executionId: given, ...input } = await readInput<RunTaskInput>(client, workflow);
  const executionId = details.executionId ?? workflow.typedSearchAttributes.get(searchAttributes.executionId) ?? given;
  if (executionId !== undefined) await refuseFollowed(client, executionId);
  if (rerun && PERHAPS_LOST.has(type)) return input;
  if (LOST.has(type)) throw new RetryRefused(`${type}: ${message}; ${payAgain(workflow.workflowId)}`);
  return executionId === undefined ? input : { ...input, executionId };
}

async function followAgain(
  client: Client,
  workflow: WorkflowExecutionDescription,
  { type, message }: BadEnd,
  rerun: boolean,
): Promise<FollowExecutionInput> {
  const parentId = workflow.parentExecution?.workflowId ?? '';
  const cure =
    parentId === ''
      ? 'an execution cannot be run again under its own id: start its task again'
      : `an execution cannot be run again under its own id; ${payAgain(parentId)}`;
  if (rerun || type === 'ExecutionFailed')
    throw new RetryRefused(type === undefined ? cure : `${type}: ${message}; ${cure}`);
  const { deadline, ...input } = await readInput<FollowExecutionInput>(client, workflow);
  // What was left of its parent's deadline is over.
  return deadline === undefined || parentId !== '' ? input : { ...input, deadline };
}

function payAgain(workflowId: string): string {
  return `to pay for it again: ${shellCommand('retry --rerun', workflowId)}`;
}

/** Whoever follows it ends well or badly first: then it is known what is left. */
async function refuseFollowed(client: Client, executionId: string): Promise<void> {
  const workflowId = executionWorkflowId(executionId);
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return;
    throw error;
  }
  throw new RetryRefused(
    `execution ${executionId} is still followed by ${workflowId}; see when that is over: ${shellCommand('watch', workflowId)}`,
  );
}
