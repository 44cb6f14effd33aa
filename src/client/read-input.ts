import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** What one of our workflows was started with: it stands in the first event of its history. */
export async function readInput<Input>(
  client: Client,
  { workflowId, runId }: Pick<WorkflowExecutionDescription, 'workflowId' | 'runId'>,
): Promise<Input> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  if (payload == null) throw new Error(`workflow ${workflowId} has no input`);
  return defaultPayloadConverter.fromPayload(payload);
}
