import { Context } from '@temporalio/activity';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { orAborted } from '../domain/or-aborted.js';
import { describe, type Run } from './owners.js';

/**
 * Waits until no run of a workflow's id is under way.
 *
 * @returns the last run; undefined if there is none, or none any more
 * @throws the signal's reason: the connection that workers share ends no request by itself
 */
export async function whenOver(
  workflowId: string,
  signal: AbortSignal,
): Promise<WorkflowExecutionDescription | undefined> {
  for (;;) {
    const last = await describe(workflowId);
    if (last?.status.name !== 'RUNNING') return last;
    await orAborted(poll(last), signal);
  }
}

/** Temporal answers when the run is over, or after a while. */
async function poll({ workflowId, runId }: Run): Promise<void> {
  const { client, info } = Context.current();
  await client.workflowService.getWorkflowExecutionHistory({
    namespace: info.namespace,
    execution: { workflowId, runId },
    waitNewEvent: true,
    historyEventFilterType: CLOSE_EVENT,
    skipArchival: true,
  });
}

/** The last event of a run, in Temporal's `HistoryEventFilterType`. */
const CLOSE_EVENT = 2;
