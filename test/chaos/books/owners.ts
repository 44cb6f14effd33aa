import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { executionIdIn, executionWorkflowId } from '../../../src/domain/ids.js';
import type { LedgerExecution } from '../../../src/emulator/ledger.js';

/** An execution that was paid for, and the workflow that has it. */
export interface Paid {
  readonly execution: LedgerExecution;
  /** Id of the workflow whose child follows it: a run, a step or a batch. Undefined: nobody, or only a sweep. */
  readonly unit?: string;
  /** Whether a workflow follows it still. */
  readonly isFollowed: boolean;
  /** Followers: more than one where its id is written in several ways. */
  readonly followers: number;
}

export async function findOwner(client: Client, execution: LedgerExecution): Promise<Paid> {
  const spellings = [...new Set([execution.id, execution.id.toUpperCase()])];
  const found = (await Promise.all(spellings.map((id) => followerOf(client, id)))).filter((one) => one !== undefined);
  const unit = found.find(({ parentId }) => parentId !== undefined)?.parentId;
  return {
    execution,
    ...(unit === undefined ? {} : { unit }),
    isFollowed: found.some(({ isRunning }) => isRunning),
    followers: found.length,
  };
}

async function followerOf(client: Client, executionId: string) {
  try {
    const { parentExecution, status } = await client.workflow.getHandle(executionWorkflowId(executionId)).describe();
    return { parentId: parentExecution?.workflowId ?? undefined, isRunning: status.name === 'RUNNING' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Executions that workers of a queue have followed, and that nobody has paid for: those of other people. */
export async function strangersFollowed(
  client: Client,
  taskQueue: string,
  executions: readonly LedgerExecution[],
): Promise<string[]> {
  const ours = new Set(executions.map(({ id }) => id));
  const strangers: string[] = [];
  const query = `WorkflowType = 'followExecution' AND TaskQueue = '${taskQueue}'`;
  for await (const { workflowId } of client.workflow.list({ query })) {
    const id = executionIdIn(workflowId) ?? workflowId;
    if (!ours.has(id.toLowerCase())) strangers.push(workflowId);
  }
  return strangers;
}

/** Returns the task of each run, step or batch that has ended without knowing what became of its request. */
export async function leftInDoubt(client: Client, taskQueue: string): Promise<string[]> {
  const tasks: string[] = [];
  const query = `TaskQueue = '${taskQueue}' AND WorkflowType IN ('runTask', 'runBatch') AND ExecutionStatus = 'Failed'`;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const run = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    const error: unknown = await run.result().catch((thrown: unknown) => thrown);
    const cause: unknown = error instanceof WorkflowFailedError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'RunOutcomeUnknown') continue;
    const [details] = (cause.details ?? []) as { readonly taskId?: string }[];
    if (details?.taskId !== undefined) tasks.push(details.taskId.toLowerCase());
  }
  return tasks;
}
