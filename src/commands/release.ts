import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { isToBeGoneOnWith, pipelineAbove } from '../client/pipeline-above.js';
import { loadClientConfig } from '../config.js';
import { shellCommand } from '../domain/shell-command.js';
import { UserError } from '../user-error.js';
import { warnWithoutWorker, withClient } from './connect.js';
import { followToTheEnd } from './follow-to-the-end.js';
import { findHeld, releaseHeld, releaseInPipeline, type Held } from './held-run.js';
import { publishersOf, workflowOf } from './publishers-of.js';
import { say } from './terminal.js';

/**
 * `titanflow release ID`: publishes what a gate held, and follows that to its end. A failed pipeline goes on with it, also
 * where only one of its steps is named.
 */
export async function release(id: string, options: { readonly json?: boolean }): Promise<void> {
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const workflow = await workflowOf(client, id);
    const found = await Promise.all((await publishersOf(client, id)).map((each) => findHeld(client, each)));
    const held = found.filter((each) => each.isHeld);
    const pipeline = workflow.type === 'runPipeline' ? workflow : undefined;
    const above = (await pipelineAbove(client, workflow)) ?? pipeline;
    if (held.length === 0) throw new UserError(2, whyNothing(found, above));
    const workflows = await start(client, config.taskQueue, held, above);
    for (const each of held) say(`${each.workflow.workflowId} released`);
    if (above?.status.name === 'RUNNING') {
      say(`${above.workflowId} still runs; when it has ended as failed: ${shellCommand('retry', above.workflowId)}`);
    }
    await warnWithoutWorker(client, config.taskQueue);
    let worst = 0;
    for (const workflowId of workflows) {
      worst = Math.max(worst, await followToTheEnd(client, workflowId, options.json === true));
    }
    process.exitCode = worst;
  });
}

type HeldRun = Extract<Held, { isHeld: true }>;

/** @returns the ids of the workflows that publish it */
async function start(
  client: Client,
  taskQueue: string,
  held: readonly HeldRun[],
  pipeline: WorkflowExecutionDescription | undefined,
): Promise<readonly string[]> {
  if (pipeline !== undefined && isToBeGoneOnWith(pipeline)) {
    return [await releaseInPipeline(client, taskQueue, pipeline, held)];
  }
  const workflows: string[] = [];
  for (const each of held) workflows.push(await releaseHeld(client, taskQueue, each));
  return workflows;
}

function whyNothing(found: readonly Held[], pipeline: WorkflowExecutionDescription | undefined): string {
  const reasons = found.flatMap((each) => (each.isHeld ? [] : [each.why]));
  const goesOn = pipeline !== undefined && isToBeGoneOnWith(pipeline);
  return [
    ...reasons,
    ...(goesOn ? [`to go on with the pipeline: ${shellCommand('retry', pipeline.workflowId)}`] : []),
  ].join('\n');
}
