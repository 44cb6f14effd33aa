import type { Client } from '@temporalio/client';
import type { Progress } from '../domain/progress.js';
import { pendingWork, type PendingWork } from './pending-work.js';

/** A workflow's progress, with what its unfinished activities are up to. */
export interface Sighting extends Progress {
  /** When the service was last looked at, and will be next; why an activity is being retried. */
  readonly pending: readonly PendingWork[];
  /** The sightings of running steps and of the workflow that follows the execution. */
  readonly below: Readonly<Record<string, Sighting>>;
}

const ANSWER_WITHIN_MS = 5_000;

/**
 * Asks a running workflow how it stands, down to the workflows that it waits for, which nobody needs to know by id.
 *
 * @throws when no worker answers the query in time.
 */
export async function readProgress(client: Client, workflowId: string): Promise<Sighting> {
  const handle = client.workflow.getHandle(workflowId);
  const [progress, description] = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    Promise.all([handle.query<Progress>('progress'), handle.describe()]),
  );
  const below = await Promise.all(
    workflowsBelow(workflowId, progress).map(async ([name, id]) => [name, await readProgress(client, id)] as const),
  );
  return { ...progress, pending: pendingWork(description), below: Object.fromEntries(below) };
}

function workflowsBelow(workflowId: string, progress: Progress): [name: string, workflowId: string][] {
  const steps = Object.entries(progress.steps ?? {}).flatMap(([name, step]): [string, string][] =>
    step.state === 'running' && step.workflowId !== undefined ? [[name, step.workflowId]] : [],
  );
  const { followId, phase } = progress;
  const follows = phase === 'waiting' && followId !== undefined && followId !== workflowId;
  return follows ? [...steps, ['execution', followId]] : steps;
}
