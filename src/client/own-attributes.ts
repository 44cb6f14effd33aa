import type { WorkflowExecutionDescription } from '@temporalio/client';
import { searchAttributes } from '../workflows/search-attributes.js';

/** What a workflow is found by, for one that takes its place. The pipeline among them owns the tables that it replaces. */
export function ownAttributes({ typedSearchAttributes }: WorkflowExecutionDescription) {
  const { pipeline, taskId, executionId } = searchAttributes;
  return [pipeline, taskId, executionId].flatMap((key) => {
    const value = typedSearchAttributes.get(key);
    return value === undefined ? [] : [{ key, value }];
  });
}
