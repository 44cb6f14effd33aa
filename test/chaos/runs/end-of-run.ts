import { CancelledFailure, TerminatedFailure, WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { Disturbance } from '../disturb/disturb-run.js';
import type { Wanted } from './wanted.js';

/** How a run that somebody wanted has ended. */
export interface EndedRun {
  readonly wanted: Wanted;
  readonly end: 'completed' | 'unknown' | 'properly' | 'cancelled' | 'terminated' | 'timed out' | 'failed' | 'hung';
  /** Why it failed. */
  readonly reason?: string;
  readonly disturbance?: Disturbance;
  /** From the first start to the last end. */
  readonly tookMs: number;
  /** The end of its history, where it went wrong. */
  readonly excerpt: readonly string[];
}

/** Waits for the last of its runs: each reset and each retry begins another. Every such run may be terminated by the next. */
export async function lastEnd(client: Client, { workflowId }: Wanted): Promise<{ error?: unknown }> {
  const handle = client.workflow.getHandle(workflowId);
  let { runId } = await handle.describe();
  for (;;) {
    const settled = await handle.result().then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
    const last = await handle.describe();
    if (last.runId === runId && last.status.name !== 'RUNNING') return settled;
    ({ runId } = last);
  }
}

/** What is not a failure of its contract is a failure that nobody expects. */
export function judge(
  wanted: Wanted,
  error: unknown,
  disturbance: Disturbance | undefined,
): Pick<EndedRun, 'end' | 'reason'> {
  if (error === undefined) return { end: 'completed' };
  const cause: unknown = error instanceof WorkflowFailedError ? error.cause : error;
  if (cause instanceof CancelledFailure && disturbance === 'cancel') return { end: 'cancelled' };
  // Where the run's timeout comes while it is being cancelled, the next attempt finds that it has been stopped.
  if (typesIn(cause).includes('ExecutionCancelled') && disturbance === 'cancel') return { end: 'cancelled' };
  if (cause instanceof TerminatedFailure && disturbance === 'terminate') return { end: 'terminated' };
  const reason = `${typesIn(cause).join(' > ')}: ${messageOf(cause)}`;
  // Whoever looks first, and knows whose executions are, does not lose one claim after another.
  if (reason.includes('in a row were claimed by others')) return { end: 'failed', reason };
  if (typesIn(cause).includes('RunOutcomeUnknown')) return { end: 'unknown', reason };
  // The last attempt of a caller's retry policy.
  if (cause instanceof TimeoutFailure && wanted.mayEndAs.includes('TimeoutFailure'))
    return { end: 'timed out', reason };
  return { end: typesIn(cause).some((type) => wanted.mayEndAs.includes(type)) ? 'properly' : 'failed', reason };
}

/** Types of the failure, and of those that its text tells of. */
function typesIn(cause: unknown): string[] {
  if (cause instanceof ApplicationFailure) {
    const inside = cause.message.match(/\b(?:[A-Z][a-z]+){2,}(?=:)/g) ?? [];
    return [cause.type ?? 'no type', ...inside];
  }
  if (cause instanceof TimeoutFailure) return ['TimeoutFailure'];
  return [cause instanceof Error ? cause.name : 'unknown'];
}

function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
}
