import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { describeWorkflow } from '../client/describe-workflow.js';
import { ownAttributes } from '../client/own-attributes.js';
import { readInput } from '../client/read-input.js';
import { executionIdIn } from '../domain/ids.js';
import type { RunPipelineInput, StepResult } from '../domain/pipeline.js';
import type { RunForEachInput } from '../domain/for-each.js';
import type { FollowExecutionInput } from '../domain/run.js';
import { RELEASED } from '../domain/released.js';
import { shellCommand } from '../domain/shell-command.js';
import { NO_GATE } from '../domain/step-input.js';
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
  if (workflow.status.name === 'RUNNING')
    return because(`is worked on; see it with: ${shellCommand('status', workflowId)}`);
  const outcome = await outcomeOf(client, workflowId);
  if (outcome.kind === 'completed') return because(wasPublished(Object.values(outcome.runs)));
  if (outcome.kind !== 'failed') return because(`is not held by a gate: its workflow was ${outcome.kind}`);
  // A release that failed on its way, because a store was gone for instance, may be tried again.
  const isHeld = outcome.type === 'ExpectationFailed' || workflow.memo?.[RELEASED] === true;
  if (isHeld) return { isHeld, workflow };
  return because(`is not held by a gate: ${outcome.type}: ${outcome.message}`);
}

/**
 * Starts a pipeline once more, to publish what gates hold in it and to go on with the steps after that.
 *
 * @param held what is published as it is; anything else that a gate holds is judged anew
 * @throws UserError where somebody else was faster
 */
export async function releaseInPipeline(
  client: Client,
  taskQueue: string,
  pipeline: WorkflowExecutionDescription,
  held: readonly Extract<Held, { isHeld: true }>[],
): Promise<string> {
  const { workflowId } = pipeline;
  const { rerun: _before, ...input } = await readInput<RunPipelineInput>(client, pipeline);
  const release = held.map(({ workflow }) => executionIdIn(workflow.workflowId) ?? workflow.workflowId);
  await startOnce(client, pipeline, taskQueue, { ...input, resumeOf: workflowId, release });
  return workflowId;
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
  const failed = await readInput<FollowExecutionInput | RunForEachInput>(client, workflow);
  await startOnce(client, workflow, taskQueue, withoutGate(failed));
  return workflow.workflowId;
}

async function startOnce(
  client: Client,
  workflow: WorkflowExecutionDescription,
  taskQueue: string,
  input: FollowExecutionInput | RunForEachInput | RunPipelineInput,
): Promise<void> {
  const { workflowId, type } = workflow;
  try {
    await client.workflow.start(type, {
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      taskQueue,
      args: [input],
      staticSummary: `release ${nameOf(workflowId)}`,
      typedSearchAttributes: ownAttributes(workflow),
      memo: { [RELEASED]: true },
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new UserError(
      2,
      `${nameOf(workflowId)} is released already; see it with: ${shellCommand('status', workflowId)}`,
    );
  }
}

function nameOf(workflowId: string): string {
  const executionId = executionIdIn(workflowId);
  return executionId === undefined ? workflowId : `execution ${executionId}`;
}

/** The deadline was for the execution, which has ended. */
function withoutGate(input: FollowExecutionInput | RunForEachInput): FollowExecutionInput | RunForEachInput {
  if ('forEach' in input) return { ...input, options: { ...input.options, expect: NO_GATE } };
  const { expect: _gate, deadline: _over, ...options } = input;
  return { ...options, expect: NO_GATE };
}

function wasPublished(runs: readonly StepResult[]): string {
  const published = runs.flatMap(publishedBy);
  if (published.length === 0) return 'ended well and had nothing to publish';
  return `is published already: ${published.map(({ rows, store, table }) => `${rows} rows to ${store}/${table}`).join(', ')}`;
}
