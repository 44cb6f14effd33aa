// Starts and steers titanflow's workflows from TypeScript.
import { readFile } from 'node:fs/promises';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createTitanflowClient, readProgress, type FailureDetails, type Started } from 'titanflow';

const USAGE = `usage: titanflow.js run-task     WORKFLOW_ID INPUT.json
       titanflow.js run-pipeline KEY PIPELINE.json
       titanflow.js progress|pause|resume|cancel WORKFLOW_ID`;

async function main(command = '', id = '', file = ''): Promise<void> {
  // TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and so on, or a profile; else localhost:7233.
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  const client = new Client({ connection, ...(namespace ? { namespace } : {}) });
  const taskQueue = process.env['TITANFLOW_TASK_QUEUE'] || 'titanflow';
  const titanflow = createTitanflowClient({ client, taskQueue });
  const workflow = client.workflow.getHandle(id);
  try {
    switch (command) {
      case 'run-task':
        await wait(await titanflow.runTask(id, await read(file)));
        break;
      case 'run-pipeline':
        await wait(await titanflow.runPipeline(id, { pipeline: await read(file) }));
        break;
      case 'progress':
        show(await readProgress(client, id));
        break;
      case 'pause':
      case 'resume':
        await workflow.executeUpdate(command); // returns when the remote executions have been told
        break;
      case 'cancel':
        await workflow.cancel();
        break;
      default:
        throw new Error(USAGE);
    }
  } finally {
    await connection.close();
  }
}

async function wait<Result>({ workflowId, existed, result }: Started<Result>): Promise<void> {
  if (existed) console.error(`${workflowId} was there before: waiting for its result`);
  show(await result());
}

function describe(error: unknown): string {
  const failure = error instanceof WorkflowFailedError ? error.cause : error;
  if (!(failure instanceof ApplicationFailure)) return failure instanceof Error ? failure.message : String(failure);
  // What was paid for: taskId, executionId, export, published, as far as it came.
  const details = failure.details?.[0] as FailureDetails | undefined;
  return `${failure.type}: ${failure.message}\n${JSON.stringify(details, null, 2)}`;
}

async function read(file: string) {
  return JSON.parse(await readFile(file, 'utf8'));
}

function show(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  console.error(describe(error));
  process.exitCode = 1;
});
