import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Filters and columns of the Web UI's list. The worker registers them; a workflow that sets an unknown one hangs. */
export const searchAttributes = {
  pipeline: defineSearchAttributeKey('TitanPipeline', SearchAttributeType.KEYWORD),
  taskId: defineSearchAttributeKey('TitanTaskId', SearchAttributeType.KEYWORD),
  executionId: defineSearchAttributeKey('TitanExecutionId', SearchAttributeType.KEYWORD),
  status: defineSearchAttributeKey('TitanStatus', SearchAttributeType.KEYWORD),
  rows: defineSearchAttributeKey('TitanRows', SearchAttributeType.INT),
};
