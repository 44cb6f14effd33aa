import { shellCommand } from '../domain/shell-command.js';
import { retryWorkflow } from '../client/retry-workflow.js';
import { RetryRefused } from '../client/retry-refused.js';
import { loadClientConfig } from '../config.js';
import { UserError } from '../user-error.js';
import { warnWithoutWorker, withClient } from './connect.js';
import { comeBack, followToTheEnd } from './follow-to-the-end.js';
import { print, say } from './terminal.js';

export interface RetryCommandOptions {
  readonly rerun?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** `titanflow retry ID`: a run goes on from what is already paid for. */
export async function retry(id: string, { rerun = false, detach, json = false }: RetryCommandOptions): Promise<void> {
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const { workflowId, existed, wasHeld } = await retryWorkflow({ client, id, rerun }).catch(asUserError);
    say(`${workflowId} ${existed ? 'is being retried already: following it' : 'goes on'}`);
    if (wasHeld)
      say(`a gate had held it, and judges it again; to publish it as it is: ${shellCommand('release', workflowId)}`);
    await warnWithoutWorker(client, config.taskQueue);
    if (detach === true) {
      print(json ? JSON.stringify({ workflowId }) : comeBack(workflowId));
      return;
    }
    process.exitCode = await followToTheEnd(client, workflowId, json);
  });
}

function asUserError(error: unknown): never {
  if (error instanceof RetryRefused) throw new UserError(2, error.message, { cause: error });
  throw error;
}
