import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { stagingTaskQueue } from '../domain/ids.js';
import { describeWorkflow } from './describe-workflow.js';

/** Work that only the machines with one staging directory can do, and that none of them has taken. */
export interface UnservedStaging {
  readonly stagingId: string;
  readonly taskQueue: string;
  /** When the longest wait began; RFC 3339. */
  readonly since: string;
  /** When the directory is given up, and its files are exported again elsewhere. */
  readonly movesAt?: string;
}

/** A worker that lives takes work at once. */
const TAKEN_WITHIN_MS = 10_000;
/** Some batches of a step tell as much as all of them. */
const MOST_LOOKS = 60;

/** Looks through a workflow and all that it waits for. @returns each directory once, since when the longest wait is */
export async function findUnservedStaging(
  client: Client,
  workflow: WorkflowExecutionDescription,
): Promise<readonly UnservedStaging[]> {
  const found = new Map<string, UnservedStaging>();
  const open: (string | WorkflowExecutionDescription)[] = [workflow];
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const next = open.shift();
    if (next === undefined) break;
    const description = typeof next === 'string' ? await describeWorkflow(client, next) : next;
    if (description === undefined) continue;
    for (const unserved of unservedBy(description, Date.now())) {
      const known = found.get(unserved.stagingId);
      if (known === undefined || known.since > unserved.since) found.set(unserved.stagingId, unserved);
    }
    open.push(...(description.raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? []));
  }
  return [...found.values()];
}

function unservedBy({ raw, taskQueue: main }: WorkflowExecutionDescription, now: number): readonly UnservedStaging[] {
  const prefix = stagingTaskQueue(main, '');
  return (raw.pendingActivities ?? []).flatMap(({ state, scheduledTime, activityOptions }) => {
    const taskQueue = activityOptions?.taskQueue?.name ?? '';
    const since = Number(scheduledTime?.seconds ?? 0) * 1_000;
    const waits = Number(state) === SCHEDULED && since > 0 && now - since > TAKEN_WITHIN_MS;
    if (!waits || !taskQueue.startsWith(prefix)) return [];
    const givenUpAfter = Number(activityOptions?.scheduleToStartTimeout?.seconds ?? 0) * 1_000;
    return [
      {
        stagingId: taskQueue.slice(prefix.length),
        taskQueue,
        since: iso(since),
        ...(givenUpAfter > 0 ? { movesAt: iso(since + givenUpAfter) } : {}),
      },
    ];
  });
}

/** `PendingActivityState` of an activity that no worker has taken. */
const SCHEDULED = 1;

function iso(time: number): string {
  return new Date(time).toISOString();
}
