import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { batchesWorkflowId } from '../domain/batches.js';
import { executionWorkflowId } from '../domain/ids.js';

const CLOSED = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/**
 * Asks Temporal whether what a run has staged may still be published: while the workflow that follows it is open, or the one
 * at the top that started it; or when a gate holds it, so that somebody may release it. What Temporal does not know any
 * more, nobody waits for.
 *
 * @returns a function that throws when Temporal does not answer
 */
export function createNeeds(client: Client, answersWithinMs = 10_000): (run: string) => Promise<boolean> {
  async function find(workflowId: string, runId?: string) {
    try {
      return await client.workflow.getHandle(workflowId, runId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  async function isHeld(workflowId: string, runId: string): Promise<boolean> {
    try {
      await client.workflow.getHandle(workflowId, runId).result();
      return false;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      return error.cause instanceof ApplicationFailure && error.cause.type === 'ExpectationFailed';
    }
  }

  async function isNeeded(run: string): Promise<boolean> {
    const workflow = await find(executionWorkflowId(run));
    if (!workflow) return isNeededByStep(run);
    const step = workflow.memo?.['stepRun'];
    return (await isWanted(workflow)) || (typeof step === 'string' && isNeededByStep(step));
  }

  /** A step that goes on from a failed one has another id, but its batches are below that of the run. */
  async function isNeededByStep(run: string): Promise<boolean> {
    const [step, batches] = [await find(run), await find(batchesWorkflowId(run, 1))];
    return (step !== undefined && isWanted(step)) || (batches !== undefined && isWanted(batches));
  }

  async function isWanted(workflow: WorkflowExecutionDescription): Promise<boolean> {
    if (!CLOSED.has(workflow.status.name)) return true;
    const top = workflow.raw.workflowExecutionInfo?.rootExecution;
    const topId = top?.workflowId ?? '';
    if (topId !== '' && topId !== workflow.workflowId) {
      const opened = await find(topId, top?.runId ?? undefined);
      if (opened && !CLOSED.has(opened.status.name)) return true;
    }
    return workflow.status.name === 'FAILED' && isHeld(workflow.workflowId, workflow.runId);
  }

  return (run) => client.withDeadline(Date.now() + answersWithinMs, () => isNeeded(run));
}
