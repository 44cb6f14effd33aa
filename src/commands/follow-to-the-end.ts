import type { Client } from '@temporalio/client';
import { follow } from './follow.js';
import { createLiveView } from './live-view.js';
import { onInterrupts } from './interrupts.js';
import { exitCodeOf } from './outcome.js';
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
    print(json ? JSON.stringify({ workflowId, ...outcome }) : showOutcome(workflowId, outcome, steps));
    return exitCodeOf(outcome);
  } catch (error) {
    if (!detached.signal.aborted) throw error;
    say(`left running; ${comeBack(workflowId)}`);
    return 0;
  } finally {
    interrupts.end();
  }
}

export function comeBack(workflowId: string): string {
  return `see it with: titanflow watch ${workflowId}    stop it with: titanflow cancel ${workflowId}`;
}
