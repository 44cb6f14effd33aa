import { Context } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { firstEventOf } from './owners.js';

/** The first event of a run. */
interface RunStart {
  readonly at: Date;
  /** The run that this one is another attempt of; undefined: it is the first attempt. */
  readonly before: string | undefined;
}

/**
 * Returns when the logical run of the activity's workflow began: the first of the runs that resets and its caller's retry
 * policy made one of. A workflow cannot tell, because each of its attempts has a start of its own.
 */
export async function chainStart(): Promise<Date> {
  const { workflowId = '', runId = '' } = Context.current().info.workflowExecution ?? {};
  let start = await readStart(workflowId, runId);
  while (start?.before !== undefined) start = await readStart(workflowId, start.before);
  // Temporal does not keep the first attempt any more: whatever there is may be of this run.
  return start?.at ?? new Date(0);
}

async function readStart(workflowId: string, runId: string): Promise<RunStart | undefined> {
  try {
    const first = await firstEventOf({ workflowId, runId });
    const {
      attempt = 1,
      cronSchedule,
      firstExecutionRunId,
      continuedExecutionRunId,
    } = first?.workflowExecutionStartedEventAttributes ?? {};
    // Runs of a cron are one chain of Temporal's, and each is a logical run of its own.
    const before = cronSchedule ? continuedExecutionRunId : firstExecutionRunId;
    return { at: new Date(tsToMs(first?.eventTime)), before: (attempt ?? 1) > 1 && before ? before : undefined };
  } catch (error) {
    const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
    if (code === NOT_FOUND) return undefined;
    throw error;
  }
}

/** gRPC's status code for what does not exist. */
const NOT_FOUND = 5;
