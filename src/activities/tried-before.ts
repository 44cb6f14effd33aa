import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { TASK_GONE } from '../domain/failures.js';
import { plainSpelling } from '../task-service/same-id.js';
import type { Run } from './owners.js';
import type { SubmitRunInput } from './submit-run.js';

/**
 * Returns other tasks that a run may have sent its request to. One that was reset, or started again by its caller's retry
 * policy, prepares anew, and of twins (see TaskEnsurer) may find another one than before.
 */
export async function otherTasksTried({ taskId, restartedFrom }: SubmitRunInput): Promise<string[]> {
  if (restartedFrom === undefined) return [];
  const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
  const tasks = new Map([[plainSpelling(taskId), taskId]]);
  const runs = new Set([runId]);
  // The loop comes to what is added meanwhile, too.
  for (const run of runs) {
    const events = await eventsOf({ workflowId, runId: run });
    for (const id of submittedTo(events)) tasks.set(plainSpelling(id), id);
    for (const before of runsBefore(events)) runs.add(before);
  }
  tasks.delete(plainSpelling(taskId));
  return [...tasks.values()];
}

/** None where Temporal does not keep that run any more. */
async function eventsOf({ workflowId, runId }: Run): Promise<Events> {
  try {
    const { events } = await Context.current().client.workflow.getHandle(workflowId, runId).fetchHistory();
    return events ?? [];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

type Events = NonNullable<History['events']>;

/** Tasks of the requests that were to be sent, but for those that the service said were gone. */
function submittedTo(events: Events): string[] {
  const refused = new Set<string>();
  for (const { activityTaskFailedEventAttributes: failed } of events) {
    if (failed?.failure?.applicationFailureInfo?.type === TASK_GONE) refused.add(String(failed.scheduledEventId));
  }
  return events.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => {
    const payload = scheduled?.activityType?.name === 'submitRun' ? scheduled.input?.payloads?.[0] : undefined;
    if (!payload || refused.has(String(eventId))) return [];
    return [defaultPayloadConverter.fromPayload<SubmitRunInput>(payload).taskId];
  });
}

/** The run that a reset began from, and the attempt before this one. */
function runsBefore(events: Events): string[] {
  return events.flatMap(
    ({ workflowTaskFailedEventAttributes: failed, workflowExecutionStartedEventAttributes: started }) => {
      const isRetry = (started?.attempt ?? 1) > 1;
      return [failed?.baseRunId || [], (isRetry && started?.continuedExecutionRunId) || []].flat();
    },
  );
}
