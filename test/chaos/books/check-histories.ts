import type { Client } from '@temporalio/client';

/** Temporal warns at 10 MB and ends a run at 50; a pipeline of three steps that is reset a few times needs far less. */
const LARGEST_BYTES = 700_000;

/** Histories that foreign texts have made large, and those in which a credential stands. */
export async function checkHistories(client: Client, taskQueue: string, credential: string): Promise<string[]> {
  const complaints: string[] = [];
  const workflows = client.workflow.list({ query: `TaskQueue = '${taskQueue}'` });
  for await (const { workflowId, runId, historySize = 0 } of workflows) {
    if (historySize > LARGEST_BYTES) complaints.push(`${workflowId} (${runId}): a history of ${historySize} bytes`);
  }
  for await (const { workflowId, history } of workflows.intoHistories({ concurrency: 8 })) {
    if (textOf(history).includes(credential)) complaints.push(`${workflowId}: the token stands in its history`);
  }
  return complaints;
}

/** The SDK's histories write the bytes of a payload as base64. */
function textOf(history: unknown): string {
  return JSON.stringify(history, (key, value: unknown) =>
    key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
  );
}
