import { Context } from '@temporalio/activity';
import { WorkflowFailedError, type WorkflowExecutionDescription } from '@temporalio/client';
import { describe } from './owners.js';

/** Waits until no run of a workflow's id is under way. @returns the last run; undefined if there is none, or none any more */
export async function whenOver(
  workflowId: string,
  signal: AbortSignal,
): Promise<WorkflowExecutionDescription | undefined> {
  const { client } = Context.current();
  for (;;) {
    const last = await describe(workflowId);
    if (last?.status.name !== 'RUNNING') return last;
    const run = client.workflow.getHandle(workflowId, last.runId);
    await client.withAbortSignal(signal, () => run.result()).catch(unlessItEnded);
  }
}

function unlessItEnded(error: unknown): void {
  if (!(error instanceof WorkflowFailedError)) throw error;
}
