import type { Client } from '@temporalio/client';

/** Lists the activities that a worker process has begun and not ended, a line each. */
export async function workOf(client: Client, pid: number | undefined): Promise<string[]> {
  const lines: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    for (const { activityType, attempt, lastWorkerIdentity, lastStartedTime } of raw.pendingActivities ?? []) {
      if (lastWorkerIdentity?.startsWith(`${pid}@`) !== true) continue;
      const since = new Date(Number(lastStartedTime?.seconds ?? 0) * 1_000).toISOString();
      lines.push(`${workflowId}: ${activityType?.name}, attempt ${attempt} since ${since}`);
    }
  }
  return lines;
}
