import type { WorkflowExecutionDescription } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Owners } from '../owners.js';

const executionIdKey = defineSearchAttributeKey('TitanExecutionId', SearchAttributeType.KEYWORD);

/** The execution of a `runTask` that was cancelled or terminated, and so could not say it. */
export async function executionIdOf(
  { workflowId, startTime, typedSearchAttributes }: WorkflowExecutionDescription,
  owners: Owners,
): Promise<string | undefined> {
  return typedSearchAttributes.get(executionIdKey) ?? owners.claimedBy(workflowId, startTime);
}
