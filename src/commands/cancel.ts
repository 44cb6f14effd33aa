import { shellCommand } from '../domain/shell-command.js';
import { loadClientConfig } from '../config.js';
import { withClient } from './connect.js';
import { print } from './terminal.js';

/** `titanflow cancel ID`: asks for it; the remote executions are stopped before the workflow ends. */
export async function cancel(workflowId: string): Promise<void> {
  await withClient(loadClientConfig(), async (client) => {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') {
      print(`${workflowId} is over already: ${status.name.toLowerCase()}`);
      return;
    }
    await handle.cancel();
    print(
      `${workflowId}: cancellation requested; its execution is stopped first, see: ${shellCommand('status', workflowId)}`,
    );
  });
}
