import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { orAborted } from '../domain/or-aborted.js';
import { attempt } from './attempt.js';

/** A workflow cannot update another one: its activity can. */
export function createRelay() {
  return {
    relayUpdate(workflowId: string, update: 'pause' | 'resume'): Promise<void> {
      return attempt({ paid: true }, async ({ signal }) => {
        const { client, info } = Context.current();
        const handle = client.workflow.getHandle(workflowId);
        // The same for every attempt: what was accepted once is not done twice.
        const updateId = `${info.workflowExecution?.runId}/${info.activityId}`;
        try {
          await orAborted(handle.executeUpdate(update, { updateId }), signal);
        } catch (error) {
          if (error instanceof WorkflowUpdateFailedError) throw refused(error.cause?.message ?? error.message);
          if (error instanceof WorkflowNotFoundError) throw refused(`workflow ${workflowId} is over`);
          throw error;
        }
      });
    },
  };
}

function refused(reason: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(reason, 'InvalidInput');
}
