import { loadClientConfig } from '../config.js';
import { warnWithoutWorker, withClient } from './connect.js';
import { followToTheEnd } from './follow-to-the-end.js';

/** `titanflow watch ID`: follows any of our workflows live to its end. It only looks on: Ctrl-C leaves at once. */
export async function watch(workflowId: string, options: { readonly json?: boolean }): Promise<void> {
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const { status, taskQueue } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING') await warnWithoutWorker(client, taskQueue);
    process.exitCode = await followToTheEnd(client, workflowId, options.json === true, false);
  });
}
