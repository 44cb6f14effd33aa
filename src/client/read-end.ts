import { WorkflowFailedError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { FailureDetails } from '../domain/failures.js';

/** How a workflow ended that did not end well. */
export interface BadEnd {
  /** Absent where it did not fail by itself: it was cancelled or terminated. */
  readonly type?: string;
  readonly message: string;
  readonly details: FailureDetails;
}

export async function readEnd(
  client: Client,
  { workflowId, runId }: Pick<WorkflowExecutionDescription, 'workflowId' | 'runId'>,
): Promise<BadEnd> {
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return { message: 'it ended well', details: {} };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause = error } = error;
    if (!(cause instanceof ApplicationFailure)) return { message: cause.message, details: {} };
    const details: unknown = cause.details?.[0];
    return {
      ...(cause.type ? { type: cause.type } : {}),
      message: cause.message,
      details: typeof details === 'object' && details !== null ? details : {},
    };
  }
}
