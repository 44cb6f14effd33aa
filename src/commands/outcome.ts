import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import type { FailureDetails } from '../domain/failures.js';
import type { SweepResult } from '../domain/orphans.js';
import type { StepResult } from '../domain/pipeline.js';
import type { ExitCode } from '../user-error.js';

/** How a workflow of ours ended. */
export type Outcome =
  | { readonly kind: 'completed'; readonly runs: Readonly<Record<string, StepResult>> }
  | { readonly kind: 'swept'; readonly sweep: SweepResult }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string; readonly details: FailureDetails }
  | { readonly kind: 'cancelled' | 'terminated' };

/** Waits for the end, whichever it is. */
export async function outcomeOf(client: Client, workflowId: string): Promise<Outcome> {
  try {
    const result: StepResult | SweepResult = await client.workflow.getHandle(workflowId).result();
    if ('orphans' in result) return { kind: 'swept', sweep: result };
    return { kind: 'completed', runs: 'steps' in result ? result.steps : { run: result } };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return outcomeOfFailure(error.cause ?? error);
  }
}

export function exitCodeOf(outcome: Outcome): ExitCode | 0 {
  if (outcome.kind === 'completed' || outcome.kind === 'swept') return 0;
  const startedNothing = outcome.kind === 'failed' && outcome.details.executionId === undefined;
  return startedNothing && outcome.type === 'InvalidInput' ? 2 : 1;
}

function outcomeOfFailure(cause: Error): Outcome {
  if (cause instanceof CancelledFailure) return { kind: 'cancelled' };
  if (cause instanceof TerminatedFailure) return { kind: 'terminated' };
  if (!(cause instanceof ApplicationFailure))
    return { kind: 'failed', type: cause.name, message: cause.message, details: {} };
  const details: unknown = cause.details?.[0];
  return {
    kind: 'failed',
    type: cause.type ?? cause.name,
    message: cause.message,
    details: typeof details === 'object' && details !== null ? details : {},
  };
}
