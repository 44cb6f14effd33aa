import { Context } from '@temporalio/activity';
import { secretNames } from '../domain/run.js';
import { filterText } from './list-filter.js';
import type { SubmitRunInput } from './submit-run.js';

/**
 * Runs of one task are interchangeable only if they send the same secrets. A task that was made from a definition is
 * shared by such runs alone; one that was given by id may be run with others, and then an execution that nobody owns
 * could be theirs.
 *
 * @returns what is in the way, in words
 */
export async function otherKindInFlight(input: SubmitRunInput): Promise<string | undefined> {
  if (input.isOurs) return undefined;
  const own = secretNames(input.secretPayload);
  const { client, info } = Context.current();
  const isSubmitting = `ExecutionStatus = 'Running' OR CloseTime > '${input.sendsSince ?? input.restartedFrom ?? input.intendedAt}'`;
  const query = `WorkflowType = 'runTask' AND TitanTaskId = ${filterText(input.taskId)} AND TitanExecutionId IS NULL AND (${isSubmitting})`;
  for await (const { workflowId, memo } of client.workflow.list({ query })) {
    if (workflowId === info.workflowExecution?.workflowId) continue;
    const other = memo?.['secretNames'];
    if (JSON.stringify(other ?? []) !== JSON.stringify(own)) {
      return `workflow ${workflowId} is starting a run of the same task with other secrets`;
    }
  }
  return undefined;
}
