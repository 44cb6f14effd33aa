import { Context } from '@temporalio/activity';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { describe, describeRun, firstRunOf, type Run } from './owners.js';

/**
 * Whether the workflow of this activity was cancelled only because a run above it was closed, and that one goes on: Temporal
 * has started it again, as its caller's retry policy has it, or it was reset. The new run takes over what this one has paid
 * for, so its execution must not be stopped.
 */
export async function isTakenOver(): Promise<boolean> {
  let run = ownRun();
  while (run !== undefined) {
    const description = await describeRun(run);
    const parent = parentOf(description);
    const parentRun = parent && (await describeRun(parent));
    if (parent === undefined || parentRun === undefined) return false;
    const later = parentRun.status.name === 'RUNNING' ? undefined : await laterRunOf(parentRun);
    if (later !== undefined && (await wasCancelledBy(run, parent))) return true;
    if (later === undefined && !PASSES_ON.has(parentRun.status.name)) return false;
    // A run that was reset cancels the children that it had before by a command.
    run = later ?? parent;
  }
  return false;
}

/** One that was cancelled may have closed since, and tells what happened above it as well as one that runs. */
const PASSES_ON = new Set<string>(['RUNNING', 'CANCELLED']);

function ownRun(): Run | undefined {
  const { workflowId, runId } = Context.current().info.workflowExecution ?? {};
  return workflowId === undefined || runId === undefined ? undefined : { workflowId, runId };
}

function parentOf(description: WorkflowExecutionDescription | undefined): Run | undefined {
  const { workflowId, runId } = description?.parentExecution ?? {};
  return workflowId && runId ? { workflowId, runId } : undefined;
}

/** The run of the same chain that goes on. Somebody's new start under the same id is another chain. */
async function laterRunOf(closed: WorkflowExecutionDescription): Promise<Run | undefined> {
  const last = await describe(closed.workflowId);
  return last?.status.name === 'RUNNING' && firstRunOf(last) === firstRunOf(closed) ? last : undefined;
}

/** A parent that is closed has its children cancelled by Temporal; one that runs does it by a command of its own. */
async function wasCancelledBy({ workflowId, runId }: Run, parent: Run): Promise<boolean> {
  const { events } = await Context.current().client.workflow.getHandle(workflowId, runId).fetchHistory();
  const requests = (events ?? []).flatMap((event) => event.workflowExecutionCancelRequestedEventAttributes ?? []);
  return requests.some(
    ({ externalWorkflowExecution, externalInitiatedEventId }) =>
      externalWorkflowExecution?.runId === parent.runId && Number(externalInitiatedEventId ?? 0) === 0,
  );
}
