import type { Client } from '@temporalio/client';
import { follow } from './follow.js';
import { exitCodeOf } from './outcome.js';
import { showOutcome } from './show-outcome.js';

/**
 * Follows a workflow live and prints how it ended. Ctrl-C leaves it running, and says how to come back.
 *
 * @returns the exit code
 */
export async function followToTheEnd(client: Client, workflowId: string, json: boolean): Promise<number> {
  const detached = new AbortController();
  const detach = (): void => detached.abort();
  process.once('SIGINT', detach);
  try {
    const { outcome, steps } = await follow(client, workflowId, detached.signal);
    console.log(json ? JSON.stringify({ workflowId, ...outcome }) : showOutcome(workflowId, outcome, steps));
    return exitCodeOf(outcome);
  } catch (error) {
    if (!detached.signal.aborted) throw error;
    console.error(`\nleft running; ${comeBack(workflowId)}`);
    return 0;
  } finally {
    process.off('SIGINT', detach);
  }
}

export function comeBack(workflowId: string): string {
  return `see it with: titanflow status ${workflowId}    stop it with: titanflow cancel ${workflowId}`;
}
