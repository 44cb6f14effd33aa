import { shellCommand } from '../domain/shell-command.js';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { loadClientConfig } from '../config.js';
import { UserError } from '../user-error.js';
import { hasWorker, withClient } from './connect.js';
import { print } from './terminal.js';

/** `titanflow pause ID`: returns when the remote executions are paused. */
export async function pause(workflowId: string): Promise<void> {
  await update(workflowId, 'pause');
  print(`${workflowId} is paused; go on with: ${shellCommand('resume', workflowId)}`);
}

/** `titanflow resume ID`. */
export async function resume(workflowId: string): Promise<void> {
  await update(workflowId, 'resume');
  print(`${workflowId} goes on; see: ${shellCommand('status', workflowId)}`);
}

async function update(workflowId: string, name: 'pause' | 'resume'): Promise<void> {
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') {
      throw new UserError(2, `cannot ${name} ${workflowId}: it is over, ${status.name.toLowerCase()}`);
    }
    if (!(await hasWorker(client, config.taskQueue))) {
      throw new UserError(3, `no worker serves task queue "${config.taskQueue}"; start one: titanflow worker`);
    }
    try {
      await handle.executeUpdate(name);
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new UserError(1, `${workflowId}: ${messageOf(error)}`, { cause: error });
    }
  });
}

/** What the service, or the workflow, has against it: the innermost cause says it. */
function messageOf(error: Error): string {
  return error.cause instanceof Error ? messageOf(error.cause) : error.message;
}
