import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { executionIdIn, executionWorkflowId } from '../domain/ids.js';
import type { FollowExecutionInput } from '../domain/run.js';
import { spellingsOf } from '../task-service/same-id.js';
import { filterText } from './list-filter.js';

/** The workflow `execution/<executionId>`: whoever started it owns the execution, also when it is closed. */
export interface Owner {
  /** The id as it was claimed: a list may write it in other letters. */
  readonly executionId: string;
  /** By Temporal's clock. */
  readonly claimedAt: Date;
  /** Id of the workflow that started it; absent where a client did. */
  readonly parentId?: string;
}

/** Asks Temporal who owns what. */
export interface Owners {
  /** Returns the owner under any spelling of the id, or undefined. What is owned once stays owned and is remembered. */
  of(executionId: string): Promise<Owner | undefined>;
  /** The newest execution that a workflow of this id has claimed since; undefined if there is none. */
  claimedBy(workflowId: string, since: Date): Promise<string | undefined>;
  /** Starts the workflow that follows an execution. @returns false if it is owned already */
  claim(input: FollowExecutionInput): Promise<boolean>;
  /**
   * Claims an execution and has it stopped. Without the claim it is never stopped: somebody else may be claiming it in
   * the same moment. @returns false if it is owned already
   */
  claimAndStop(executionId: string): Promise<boolean>;
}

const REMEMBERED = 20_000;

/** @param taskQueue where our workflows run */
export function createOwners(taskQueue: string): Owners {
  const known = new Map<string, Owner>();

  async function claim(input: FollowExecutionInput) {
    try {
      return await Context.current().client.workflow.start('followExecution', {
        workflowId: executionWorkflowId(input.executionId),
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        taskQueue,
        args: [input],
        staticSummary: `follow execution ${input.executionId}`,
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
      throw error;
    }
  }

  async function ownerUnder(executionId: string): Promise<Owner | undefined> {
    const description = await describe(executionWorkflowId(executionId));
    if (!description) return undefined;
    const parentId = description.parentExecution?.workflowId;
    return { executionId, claimedAt: description.startTime, ...(parentId ? { parentId } : {}) };
  }

  return {
    async of(executionId) {
      const remembered = known.get(executionId);
      if (remembered) return remembered;
      for (const spelling of spellingsOf(executionId)) {
        const owner = await ownerUnder(spelling);
        if (!owner) continue;
        if (known.size >= REMEMBERED) known.clear();
        known.set(executionId, owner);
        return owner;
      }
      return undefined;
    },
    async claimedBy(workflowId, since) {
      const query = `WorkflowType = 'followExecution' AND ParentWorkflowId = ${filterText(workflowId)} AND StartTime >= '${since.toISOString()}'`;
      for await (const follower of Context.current().client.workflow.list({ query })) {
        return executionIdIn(follower.workflowId);
      }
      return undefined;
    },
    claim: async (input) => (await claim(input)) !== undefined,
    async claimAndStop(executionId) {
      // Should the cancellation never be sent, because this process dies before it, then the deadline stops it.
      const follower = await claim({ executionId, onCancel: 'stop', deadline: '1 minute' });
      await follower?.cancel();
      return follower !== undefined;
    },
  };
}

/** The newest run of a workflow; undefined if there is none, or none any more. */
export async function describe(workflowId: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await Context.current().client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

type HistoryEvent = NonNullable<History['events']>[number];

/** One of the runs that had the same id one after the other. */
export type Run = Pick<WorkflowExecutionDescription, 'workflowId' | 'runId'>;

/** Describes one run; undefined if Temporal does not keep it any more. */
export async function describeRun({ workflowId, runId }: Run): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await Context.current().client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The run that a chain began with, which a reset and a retry policy carry on. */
export function firstRunOf({ raw, runId }: WorkflowExecutionDescription): string {
  return raw.workflowExecutionInfo?.firstRunId || runId;
}

/** Reads the first event of a run. */
export async function firstEventOf({ workflowId, runId }: Run): Promise<HistoryEvent | undefined> {
  const { client, info } = Context.current();
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: info.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  return history?.events?.[0];
}

/** Reads the input that a run was started with. */
export async function inputOf<Input>(run: Run): Promise<Input> {
  const first = await firstEventOf(run);
  const [payload] = first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  if (payload == null) throw new Error(`workflow ${run.workflowId} has no input`);
  return defaultPayloadConverter.fromPayload(payload);
}
