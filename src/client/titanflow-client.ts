import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { executionWorkflowId, pipelineWorkflowId } from '../domain/ids.js';
import type { RunPipelineInput, RunPipelineResult } from '../domain/pipeline.js';
import type { FollowExecutionInput, RunTaskInput, RunTaskResult } from '../domain/run.js';

export interface TitanflowClientOptions {
  /** A Temporal client on the right namespace. */
  readonly client: Client;
  /** The workers' task queue; default `titanflow`. */
  readonly taskQueue?: string;
}

/** A workflow that runs, or ran, and how to wait for what it returns. */
export interface Started<Result> {
  readonly workflowId: string;
  /** Whether it was there before: then it was not started, and not paid for, again. */
  readonly existed: boolean;
  /** @throws WorkflowFailedError whose cause is one `ApplicationFailure` with a type of the closed list. */
  result(): Promise<Result>;
}

/** Starts our workflows from TypeScript. Other languages start the same workflows by name, with JSON. */
export interface TitanflowClient {
  runTask(workflowId: string, input: RunTaskInput): Promise<Started<RunTaskResult>>;
  followExecution(input: FollowExecutionInput): Promise<Started<RunTaskResult>>;
  /** The same name and key never pay twice: a second start gives back the first. */
  runPipeline(key: string, input: RunPipelineInput): Promise<Started<RunPipelineResult>>;
}

export function createTitanflowClient({ client, taskQueue = 'titanflow' }: TitanflowClientOptions): TitanflowClient {
  async function start<Result>(
    type: string,
    workflowId: string,
    input: object,
    staticSummary: string,
    workflowIdReusePolicy: WorkflowIdReusePolicy = WorkflowIdReusePolicy.REJECT_DUPLICATE,
  ): Promise<Started<Result>> {
    const started = (handle: WorkflowHandle, existed: boolean): Started<Result> => ({
      workflowId,
      existed,
      result: () => handle.result(),
    });
    try {
      const options = { workflowId, taskQueue, args: [input], staticSummary, workflowIdReusePolicy };
      return started(await client.workflow.start(type, options), false);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return started(client.workflow.getHandle(workflowId), true);
    }
  }

  return {
    runTask: (workflowId, input) => start('runTask', workflowId, input, 'run a task'),
    followExecution: (input) =>
      start(
        'followExecution',
        executionWorkflowId(input.executionId),
        input,
        `follow execution ${input.executionId}`,
        // Receipts keep a repeated follow from publishing twice.
        WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      ),
    runPipeline: (key, input) => {
      const { name } = input.pipeline;
      return start('runPipeline', pipelineWorkflowId(name, key), { ...input, key }, `pipeline ${name}`);
    },
  };
}
