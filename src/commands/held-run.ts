import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { describeWorkflow } from '../client/describe-workflow.js';
import { ownAttributes } from '../client/own-attributes.js';
import { readInput } from '../client/read-input.js';
import { executionIdIn } from '../domain/ids.js';
import type { StepResult } from '../domain/pipeline.js';
import type { RunForEachInput } from '../domain/for-each.js';
import type { FollowExecutionInput } from '../domain/run.js';
import { publishedBy } from '../domain/step-result.js';
import { UserError } from '../user-error.js';
import { outcomeOf } from './outcome.js';

/** Whether a gate holds back what a workflow would publish; if not, why there is nothing to release. */
export type Held =
  | { readonly isHeld: true; readonly workflow: WorkflowExecutionDescription }
  | { readonly isHeld: false; readonly why: string };

export async function findHeld(client: Client, workflowId: string): Promise<Held> {
  const workflow = await describeWorkflow(client, workflowId);
  const because = (why: string): Held => ({ isHeld: false, why: `${nameOf(workflowId)} ${why}` });
  if (workflow === undefined) return because('is not followed by any workflow');
  if (workflow.status.name === 'RUNNING') return because(`is worked on; see it with: titanflow status ${workflowId}`);
  const outcome = await outcomeOf(client, workflowId);
  if (outcome.kind === 'completed') return because(wasPublished(Object.values(outcome.runs)));
  if (outcome.kind !== 'failed') return because(`is not held by a gate: its workflow was ${outcome.kind}`);
  // A release that failed on its way, because a store was gone for instance, may be tried again.
  const isHeld = outcome.type === 'ExpectationFailed' || workflow.memo?.[RELEASED] === true;
  if (isHeld) return { isHeld, workflow };
  return because(`is not held by a gate: ${outcome.type}: ${outcome.message}`);
}

/**
 * Starts the workflow once more, with the same options but no gate: its id, the claim on an execution, may be used again
 * because it failed. What is staged is used again, and receipts keep it from being loaded twice.
 *
 * @throws UserError where somebody else was faster
 */
export async function releaseHeld(
  client: Client,
  taskQueue: string,
  { workflow }: Extract<Held, { isHeld: true }>,
): Promise<string> {
  const { workflowId, type } = workflow;
  const failed = await readInput<FollowExecutionInput | RunForEachInput>(client, workflow);
  try {
    await client.workflow.start(type, {
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      taskQueue,
      args: [withoutGate(failed)],
      staticSummary: `release ${nameOf(workflowId)}`,
      typedSearchAttributes: ownAttributes(workflow),
      memo: { [RELEASED]: true },
    });
    return workflowId;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new UserError(2, `${nameOf(workflowId)} is released already; see it with: titanflow status ${workflowId}`);
  }
}

const RELEASED = 'released';

function nameOf(workflowId: string): string {
  const executionId = executionIdIn(workflowId);
  return executionId === undefined ? `step ${workflowId}` : `execution ${executionId}`;
}

/** The deadline was for the execution, which has ended. */
function withoutGate(input: FollowExecutionInput | RunForEachInput): FollowExecutionInput | RunForEachInput {
  const expect = { minRows: 0 };
  if ('forEach' in input) return { ...input, options: { ...input.options, expect } };
  const { expect: _gate, deadline: _over, ...options } = input;
  return { ...options, expect };
}

function wasPublished(runs: readonly StepResult[]): string {
  const published = runs.flatMap(publishedBy);
  if (published.length === 0) return 'ended well and had nothing to publish';
  return `is published already: ${published.map(({ rows, store, table }) => `${rows} rows to ${store}/${table}`).join(', ')}`;
}
