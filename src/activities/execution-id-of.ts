import type { WorkflowExecutionDescription } from '@temporalio/client';
import { executionIdKey } from './execution-id-key.js';
import { inputOf, type Owners } from './owners.js';

/**
 * Returns the execution of a `runTask` or `runBatch`, also of one that was cancelled or terminated before it could say so.
 * One that was given an execution, and ended before it had claimed it, may be the only one to know of it.
 */
export async function executionIdOf(
  workflow: WorkflowExecutionDescription,
  owners: Owners,
): Promise<string | undefined> {
  const { workflowId, startTime, typedSearchAttributes } = workflow;
  const claimed = typedSearchAttributes.get(executionIdKey) ?? (await owners.claimedBy(workflowId, startTime));
  return claimed ?? (await inputOf<{ readonly executionId?: string } | null>(workflow))?.executionId;
}
