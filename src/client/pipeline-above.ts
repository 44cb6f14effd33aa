import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { describeWorkflow } from './describe-workflow.js';

/** Pipelines within pipelines are few: whoever named more of each other would never end. */
const MOST_LEVELS = 50;

/** Returns the pipeline at the top that a workflow is a part of, by its last run; undefined where it is part of none. */
export async function pipelineAbove(
  client: Client,
  workflow: WorkflowExecutionDescription,
): Promise<WorkflowExecutionDescription | undefined> {
  let top: WorkflowExecutionDescription | undefined;
  let parentId = workflow.parentExecution?.workflowId ?? '';
  for (let level = 0; parentId !== '' && level < MOST_LEVELS; level += 1) {
    const parent = await describeWorkflow(client, parentId);
    if (parent?.type === 'runPipeline') top = parent;
    parentId = parent?.parentExecution?.workflowId ?? '';
  }
  return top;
}

/** Whether a pipeline is over, and something of it is missing. */
export function isToBeGoneOnWith({ status }: WorkflowExecutionDescription): boolean {
  return status.name !== 'RUNNING' && status.name !== 'COMPLETED';
}
