import type { Client, WorkflowHandle } from '@temporalio/client';

const LAST_EVENTS = 15;
const TEXT = 300;

/** The end of a workflow's history, and what it waits for, a line each. */
export async function excerpt(client: Client, workflowId: string): Promise<string[]> {
  const handle = client.workflow.getHandle(workflowId);
  const { raw, runId, status } = await handle.describe();
  const pending = (raw.pendingActivities ?? []).map(
    ({ activityType, attempt, lastFailure }) =>
      `  pending ${activityType?.name}, attempt ${attempt}: ${cut(lastFailure?.message ?? 'no failure yet')}`,
  );
  const children = (raw.pendingChildren ?? []).map(({ workflowId: child }) => `  waits for ${child}`);
  const lines = [`${workflowId} (${runId}, ${status.name}):`, ...(await lastEvents(handle)), ...pending, ...children];
  const below = await Promise.all(
    (raw.pendingChildren ?? []).map(async ({ workflowId: child }) => (child ? excerpt(client, child) : [])),
  );
  return [...lines, ...below.flat()];
}

async function lastEvents(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const told = (events ?? []).flatMap((event) => {
    const [key, attributes] = Object.entries(event).find(([name, value]) => name.endsWith('Attributes') && value) ?? [];
    // Only workflow tasks that failed say something.
    if (key === undefined || /^workflowTask(?!Failed)/.test(key)) return [];
    return [`  #${String(event.eventId)} ${key.replace('EventAttributes', '')} ${cut(sayingOf(attributes))}`];
  });
  return told.slice(-LAST_EVENTS);
}

/** Names and messages in an event, without its payloads. */
function sayingOf(attributes: unknown): string {
  const said: string[] = [];
  JSON.stringify(attributes, (key, value: unknown) => {
    if (key === 'payloads' || key === 'stackTrace' || key === 'sdkMetadata') return undefined;
    if (['name', 'message', 'type', 'workflowId', 'signalName', 'reason'].includes(key) && typeof value === 'string') {
      said.push(value);
    }
    return value;
  });
  return said.join(', ');
}

function cut(text: string): string {
  return text.slice(0, TEXT);
}
