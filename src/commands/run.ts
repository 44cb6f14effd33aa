import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { createTitanflowClient } from '../client/titanflow-client.js';
import { loadClientConfig } from '../config.js';
import { warnWithoutWorker, withClient } from './connect.js';
import { follow } from './follow.js';
import { exitCodeOf } from './outcome.js';
import { readParams, readPipeline } from './read-pipeline.js';
import { showOutcome } from './show-outcome.js';

export interface RunOptions {
  readonly param: readonly string[];
  readonly key?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** `titanflow run FILE`: starts a pipeline and follows it. Ctrl-C leaves it running, and says how to come back. */
export async function run(file: string, options: RunOptions): Promise<void> {
  const pipeline = await readPipeline(file);
  const params = readParams(file, pipeline, options.param);
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const titanflow = createTitanflowClient({ client, taskQueue: config.taskQueue });
    const started = await titanflow.runPipeline(options.key ?? timeSortedKey(), { pipeline, params });
    console.error(`${started.workflowId} ${started.existed ? 'was started before: following it' : 'started'}`);
    await warnWithoutWorker(client, config.taskQueue);
    if (options.detach === true) {
      console.log(
        options.json === true ? JSON.stringify({ workflowId: started.workflowId }) : comeBack(started.workflowId),
      );
      return;
    }
    process.exitCode = await followToTheEnd(client, started.workflowId, options.json === true);
  });
}

async function followToTheEnd(client: Client, workflowId: string, json: boolean): Promise<number> {
  const detached = new AbortController();
  process.once('SIGINT', () => detached.abort());
  try {
    const { outcome, steps } = await follow(client, workflowId, detached.signal);
    console.log(json ? JSON.stringify({ workflowId, ...outcome }) : showOutcome(workflowId, outcome, steps));
    return exitCodeOf(outcome);
  } catch (error) {
    if (!detached.signal.aborted) throw error;
    console.error(`\nleft running; ${comeBack(workflowId)}`);
    return 0;
  }
}

function comeBack(workflowId: string): string {
  return `see it with: titanflow status ${workflowId}    stop it with: titanflow cancel ${workflowId}`;
}

/** Keys that sort by time are easy to find in a list. */
export function timeSortedKey(now = new Date()): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(2).toString('hex')}`;
}
