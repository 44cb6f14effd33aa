import { shellCommand } from '../domain/shell-command.js';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { PendingWork } from '../client/pending-work.js';
import type { Sighting } from '../client/read-progress.js';
import { findUnservedStaging, type UnservedStaging } from '../client/unserved-staging.js';
import { hasWorker } from './connect.js';

/** What keeps a running workflow from going on, with the cure; nothing where all is as it should be. */
export async function whyStuck(
  client: Client,
  workflow: WorkflowExecutionDescription,
  sighting: Sighting | undefined,
): Promise<readonly string[]> {
  const { taskQueue, raw } = workflow;
  if (sighting !== undefined) {
    const unserved = await findUnservedStaging(client, workflow).catch(() => []);
    return [...unserved.map(describeUnserved), ...troubles(sighting, shellCommand('resume', workflow.workflowId))];
  }
  if (!(await hasWorker(client, taskQueue))) {
    return [`no worker is on task queue ${taskQueue}: start one with \`titanflow worker\``];
  }
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempt > 1) {
    return [`its worker has failed ${attempt - 1} times to go on with it; the worker's log says why`];
  }
  return [`a worker is on task queue ${taskQueue}, but does not answer; it may be starting, or of another version`];
}

export function describeUnserved({ stagingId, taskQueue, since, movesAt }: UnservedStaging): string {
  const wait = movesAt === undefined ? '' : `, or wait: exported again elsewhere at ${movesAt}`;
  return `nobody serves staging directory ${stagingId} (task queue ${taskQueue}) since ${since}; start a worker with that TITANFLOW_STAGING${wait}`;
}

/** @param resume the command that lets the workflow at the top, and all below it, go on */
function troubles(sighting: Sighting, resume: string, place = '', isSaid = false): readonly string[] {
  const { pausedSince, pending, below } = sighting;
  const isPaused = pausedSince !== undefined;
  const at = place === '' ? '' : `${place}: `;
  return [
    ...(!isPaused || isSaid ? [] : [`${at}paused since ${pausedSince}; go on with: ${resume}`]),
    ...pending.flatMap((work) => [...waitOf(work, at), ...retryOf(work, at)]),
    ...Object.entries(below).flatMap(([name, run]) =>
      troubles(run, resume, name === 'execution' ? place : name, isPaused || isSaid),
    ),
  ];
}

function waitOf({ activity, waitingFor, waitingSince }: PendingWork, at: string): readonly string[] {
  if (waitingFor === undefined) return [];
  return [`${at}${activity} waits for ${waitingFor}${waitingSince === undefined ? '' : `, since ${waitingSince}`}`];
}

function retryOf({ activity, attempt, lastFailure, nextAttemptAt, mark }: PendingWork, at: string): readonly string[] {
  if (!lastFailure) return [];
  const next = mark?.nextLookAt ?? nextAttemptAt;
  const tries = mark?.outage?.looks ?? attempt;
  return [
    `${at}${activity} is tried again (attempt ${tries}${next === undefined ? '' : `, next ${next}`}): ${lastFailure}`,
  ];
}
