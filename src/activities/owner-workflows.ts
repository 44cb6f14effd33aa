import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { executionWorkflowId } from '../domain/ids.js';
import type { RunTaskResult } from '../domain/run.js';
import { attempt } from './attempt.js';
import { describe } from './owners.js';
import { whenOver } from './when-over.js';

/** Who owns an execution that a run wanted to claim. */
export type Ownership =
  /** The run itself, before it was reset or started again. */
  | 'mine'
  /** Another run of the task. */
  | 'run'
  /** Somebody who follows it on purpose: it was started by hand, or adopted. */
  | 'other';

/** Workflows that start executions of their own. */
const RUNS: ReadonlySet<string> = new Set(['runTask', 'runBatch']);

/** About the workflow `execution/<executionId>`, where it is not a child of the run that asks. */
export function createOwnerWatch() {
  return {
    findOwner(executionId: string): Promise<Ownership> {
      return attempt({ paid: true, details: { executionId } }, async () => {
        const parent = (await describe(executionWorkflowId(executionId)))?.parentExecution;
        if (!parent?.workflowId) return 'other';
        if (parent.workflowId === Context.current().info.workflowExecution?.workflowId) return 'mine';
        return RUNS.has((await describe(parent.workflowId))?.type ?? '') ? 'run' : 'other';
      });
    },

    /** Waits for the owner's result. @throws ApplicationFailure in which the owner ended, type and details kept */
    awaitOwner(executionId: string): Promise<RunTaskResult> {
      return attempt({ paid: true, details: { executionId } }, async ({ signal }) => {
        const { client } = Context.current();
        const owner = client.workflow.getHandle<() => Promise<RunTaskResult>>(executionWorkflowId(executionId));
        try {
          await whenOver(owner.workflowId, signal);
          return await owner.result();
        } catch (error) {
          throw error instanceof WorkflowFailedError ? endOf(executionId, error) : error;
        }
      });
    },
  };
}

function endOf(executionId: string, { cause, message }: WorkflowFailedError): ApplicationFailure {
  if (cause instanceof ApplicationFailure) {
    const { type, details } = cause;
    return ApplicationFailure.create({
      ...(type ? { type } : {}),
      message: cause.message,
      nonRetryable: true,
      details: details ?? [],
    });
  }
  const words = `workflow ${executionWorkflowId(executionId)}: ${cause?.message ?? message}`;
  return ApplicationFailure.nonRetryable(words, 'ExecutionCancelled', { executionId });
}
