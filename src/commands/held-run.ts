import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ownAttributes } from '../client/own-attributes.js';
import { readInput } from '../client/read-input.js';
import { executionWorkflowId } from '../domain/ids.js';
import type { StepResult } from '../domain/pipeline.js';
import type { FollowExecutionInput } from '../domain/run.js';
import { publishedBy } from '../domain/step-result.js';
import { UserError } from '../user-error.js';
import { describe } from './executions-of.js';
import { outcomeOf } from './outcome.js';

/** Whether a gate holds an execution back; if not, why there is nothing to release. */
export type Held =
  | { readonly isHeld: true; readonly workflow: WorkflowExecutionDescription; readonly executionId: string }
  | { readonly isHeld: false; readonly why: string };

export async function findHeld(client: Client, executionId: string): Promise<Held> {
  const workflowId = executionWorkflowId(executionId);
  const workflow = await describe(client, workflowId);
  const because = (why: string): Held => ({ isHeld: false, why: `execution ${executionId} ${why}` });
  if (workflow === undefined) return because('is not followed by any workflow');
  if (workflow.status.name === 'RUNNING') return because(`is worked on; see it with: titanflow status ${workflowId}`);
  const outcome = await outcomeOf(client, workflowId);
  if (outcome.kind === 'completed') return because(wasPublished(Object.values(outcome.runs)));
  if (outcome.kind !== 'failed') return because(`is not held by a gate: its workflow was ${outcome.kind}`);
  // A release that failed on its way, because a store was gone for instance, may be tried again.
  const isHeld = outcome.type === 'ExpectationFailed' || workflow.memo?.[RELEASED] === true;
  if (isHeld) return { isHeld, workflow, executionId };
  return because(`is not held by a gate: ${outcome.type}: ${outcome.message}`);
}

/**
 * Follows an execution once more, with the same options but no gate: its workflow id, the claim on it, may be used
 * again because the workflow failed. What is staged is used again, and receipts keep it from being loaded twice.
 *
 * @throws UserError where somebody else was faster
 */
export async function releaseHeld(
  client: Client,
  taskQueue: string,
  { workflow, executionId }: Extract<Held, { isHeld: true }>,
): Promise<string> {
  const { workflowId } = workflow;
  const failed = await readInput<FollowExecutionInput>(client, workflow);
  try {
    await client.workflow.start('followExecution', {
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      taskQueue,
      args: [withoutGate(failed)],
      staticSummary: `release execution ${executionId}`,
      typedSearchAttributes: ownAttributes(workflow),
      memo: { [RELEASED]: true },
    });
    return workflowId;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new UserError(2, `execution ${executionId} is released already; see it with: titanflow status ${workflowId}`);
  }
}

const RELEASED = 'released';

/** The deadline was for the execution, which has ended. */
function withoutGate({ expect: _gate, deadline: _over, ...options }: FollowExecutionInput): FollowExecutionInput {
  return { ...options, expect: { minRows: 0 } };
}

function wasPublished(runs: readonly StepResult[]): string {
  const published = runs.flatMap(publishedBy);
  if (published.length === 0) return 'ended well and had nothing to publish';
  return `is published already: ${published.map(({ rows, store, table }) => `${rows} rows to ${store}/${table}`).join(', ')}`;
}
