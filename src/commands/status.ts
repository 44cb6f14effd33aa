import type { WorkflowExecutionDescription } from '@temporalio/client';
import { readProgress, type Sighting } from '../client/read-progress.js';
import { loadClientConfig } from '../config.js';
import { withClient } from './connect.js';
import { describeSighting } from './describe-sighting.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { showOutcome } from './show-outcome.js';

/** `titanflow status ID`: how a workflow stands, or how it ended. */
export async function status(workflowId: string, options: { readonly json?: boolean }): Promise<void> {
  await withClient(loadClientConfig(), async (client) => {
    const description = await client.workflow.getHandle(workflowId).describe();
    const isOpen = description.status.name === 'RUNNING';
    const sighting = isOpen ? await readProgress(client, workflowId).catch(() => undefined) : undefined;
    const outcome = isOpen ? undefined : await outcomeOf(client, workflowId);
    console.log(
      options.json === true
        ? JSON.stringify(asJson(description, sighting, outcome))
        : asText(description, sighting, outcome).join('\n'),
    );
  });
}

function asJson(
  description: WorkflowExecutionDescription,
  progress: Sighting | undefined,
  outcome: Outcome | undefined,
): object {
  const { workflowId, type, status, startTime, closeTime } = description;
  return { workflowId, type, status: status.name.toLowerCase(), startTime, closeTime, progress, outcome };
}

function asText(
  description: WorkflowExecutionDescription,
  sighting: Sighting | undefined,
  outcome: Outcome | undefined,
): string[] {
  const { workflowId, type, status, startTime, closeTime } = description;
  const since = `since ${startTime.toISOString()}${closeTime ? ` until ${closeTime.toISOString()}` : ''}`;
  const head = `${workflowId}: ${type}, ${status.name.toLowerCase()}, ${since}`;
  if (outcome) return [head, showOutcome(workflowId, outcome)];
  if (!sighting) return [head, 'no worker answers; start one with `titanflow worker`'];
  return [head, ...describeSighting(sighting).map(({ name, text }) => `  ${name}: ${text}`)];
}
