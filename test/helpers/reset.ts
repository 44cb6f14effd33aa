import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/** Resets a workflow. @param eventId of a workflow task that is completed; default: the first */
export async function reset(client: Client, workflowId: string, eventId = 4): Promise<void> {
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'by the test',
    // protobufjs takes numbers too, whatever its types say.
    workflowTaskFinishEventId: eventId as never,
    requestId: randomUUID(),
  });
}
