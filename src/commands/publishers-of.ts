import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { describeWorkflow } from '../client/describe-workflow.js';
import { executionIdIn, executionWorkflowId, stepWorkflowId } from '../domain/ids.js';
import type { RunPipelineInput } from '../domain/pipeline.js';
import { shellCommand } from '../domain/shell-command.js';
import { UserError } from '../user-error.js';
import { searchAttributes } from '../workflows/search-attributes.js';
import { readInput } from '../client/read-input.js';

/**
 * The workflows that publish what somebody means by an id: `execution/<id>` for a `runTask` workflow and for a bare id, a
 * `forEach` step itself; those of all steps of a pipeline's workflow.
 *
 * @throws UserError for an id of something else, or of a workflow that still runs
 */
export async function publishersOf(client: Client, id: string): Promise<readonly string[]> {
  const workflow = await workflowOf(client, id);
  const { workflowId, type, status } = workflow;
  if (status.name === 'RUNNING') {
    throw new UserError(2, `${workflowId} still runs; see it with: ${shellCommand('status', workflowId)}`);
  }
  const publishers = type === 'runPipeline' ? await publishersBelow(client, workflow) : publisherIn(workflow);
  if (publishers.length === 0)
    throw new UserError(2, `${workflowId} (${type}) is not held by a gate: it has no execution`);
  return publishers;
}

/** The workflow of an id, or the one that follows the execution of that id. @throws UserError where there is none */
export async function workflowOf(client: Client, id: string): Promise<WorkflowExecutionDescription> {
  const workflow = (await describeWorkflow(client, id)) ?? (await describeWorkflow(client, executionWorkflowId(id)));
  if (workflow === undefined) throw new UserError(2, `there is no workflow and no followed execution "${id}"`);
  return workflow;
}

async function publishersBelow(client: Client, pipeline: WorkflowExecutionDescription): Promise<readonly string[]> {
  const input = await readInput<RunPipelineInput>(client, pipeline);
  const ids = Object.keys(input.pipeline.steps).map((step) => stepWorkflowId(pipeline.workflowId, step));
  // Of a step that was not started there is no workflow.
  const steps = await Promise.all(ids.map((id) => describeWorkflow(client, id)));
  const within = steps.map(async (step) => {
    if (step === undefined) return [];
    return step.type === 'runPipeline' ? publishersBelow(client, step) : publisherIn(step);
  });
  return (await Promise.all(within)).flat();
}

function publisherIn({ workflowId, type, typedSearchAttributes }: WorkflowExecutionDescription): readonly string[] {
  if (type === 'runForEach') return [workflowId];
  const executionId = executionIdIn(workflowId) ?? typedSearchAttributes.get(searchAttributes.executionId);
  return executionId === undefined ? [] : [executionWorkflowId(executionId)];
}
