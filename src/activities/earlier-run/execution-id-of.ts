import type { WorkflowExecutionDescription } from '@temporalio/client';
import { executionIdKey } from '../execution-id-key.js';
import type { Owners } from '../owners.js';

/** The execution of a `runTask` that was cancelled or terminated, and so could not say it. */
export async function executionIdOf(
  { workflowId, startTime, typedSearchAttributes }: WorkflowExecutionDescription,
  owners: Owners,
): Promise<string | undefined> {
  return typedSearchAttributes.get(executionIdKey) ?? owners.claimedBy(workflowId, startTime);
}
