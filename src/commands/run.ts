import { randomBytes } from 'node:crypto';
import { createTitanflowClient } from '../client/titanflow-client.js';
import { loadClientConfig } from '../config.js';
import { warnWithoutWorker, withClient } from './connect.js';
import { comeBack, followToTheEnd } from './follow-to-the-end.js';
import { readParams, readPipeline } from './read-pipeline.js';
import { print, say } from './terminal.js';

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
    say(`${started.workflowId} ${started.existed ? 'was started before: following it' : 'started'}`);
    await warnWithoutWorker(client, config.taskQueue);
    if (options.detach === true) {
      print(options.json === true ? JSON.stringify({ workflowId: started.workflowId }) : comeBack(started.workflowId));
      return;
    }
    process.exitCode = await followToTheEnd(client, started.workflowId, options.json === true);
  });
}

/** Keys that sort by time are easy to find in a list. */
export function timeSortedKey(now = new Date()): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(2).toString('hex')}`;
}
