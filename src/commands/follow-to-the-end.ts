import type { Client } from '@temporalio/client';
import { RELEASED } from '../domain/released.js';
import { shellCommand } from '../domain/shell-command.js';
import { follow } from './follow.js';
import { createLiveView } from './live-view.js';
import { onInterrupts } from './interrupts.js';
import { exitCodeOf } from './outcome.js';
import { outcomeJson } from './outcome-json.js';
import { showOutcome } from './show-outcome.js';
import { print, say } from './terminal.js';

/**
 * Follows a workflow live and prints how it ended. Ctrl-C leaves it running, and says how to come back; whoever started it
 * may cancel it by a second one, and its end is followed.
 *
 * @param isOurs whether the same command has started it
 * @returns the exit code
 */
export async function followToTheEnd(
  client: Client,
  workflowId: string,
  json: boolean,
  isOurs = true,
): Promise<number> {
  const detached = new AbortController();
  const view = createLiveView(process.stderr);
  const cancel = (): void => {
    view.say('cancelling: its executions are stopped first (Ctrl-C leaves)');
    client.workflow
      .getHandle(workflowId)
      .cancel()
      .catch((error: unknown) => view.say(`it could not be cancelled: ${String(error)}; ${comeBack(workflowId)}`));
  };
  const interrupts = onInterrupts({
    leave: () => detached.abort(),
    askForMore: (seconds) => view.say(`leaving it running; press Ctrl-C again within ${seconds} s to cancel it`),
    ...(isOurs ? { cancel } : {}),
  });
  try {
    const { outcome, steps } = await follow(client, workflowId, detached.signal, view);
    const isReleased = await wasReleased(client, workflowId);
    const text = json
      ? JSON.stringify({ workflowId, ...outcomeJson(workflowId, outcome, isReleased) })
      : showOutcome({ workflowId, outcome, steps, isReleased });
    print(text);
    return exitCodeOf(outcome);
  } catch (error) {
    if (!detached.signal.aborted) throw error;
    say(`left running; ${comeBack(workflowId)}`);
    return 0;
  } finally {
    interrupts.end();
  }
}

/** Only words depend on it: how it ended is known. */
async function wasReleased(client: Client, workflowId: string): Promise<boolean> {
  const workflow = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return workflow?.memo?.[RELEASED] === true;
}

export function comeBack(workflowId: string): string {
  return `see it with: ${shellCommand('watch', workflowId)}    stop it with: ${shellCommand('cancel', workflowId)}`;
}
