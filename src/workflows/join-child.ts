import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, getExternalWorkflowHandle, patched, workflowInfo } from '@temporalio/workflow';
import type { EndedChild, JoinedChild, JoinedStep } from '../activities/earlier-run/join-child.js';
import type { EarlierStep } from '../domain/earlier-run.js';
import { isCancelled } from './is-cancelled.js';
import type { Proxies } from './proxies.js';

/** A child ends by its own deadline, which its parent's wait must not come before. */
const AT_MOST_MS = 10 * 365 * 24 * 60 * 60_000;

/**
 * Whether an earlier run of this workflow may have started the children that this one is about to start: it was reset,
 * or its caller's retry policy has started it again. The part of a history that a reset keeps was made without looking.
 */
export function mayHaveStarted(): boolean {
  const { attempt, runId, originalExecutionRunId } = workflowInfo();
  return (attempt > 1 || runId !== originalExecutionRunId) && patched('join-children');
}

/** Waits for a step that an earlier run has started. @returns what is left of it; null: nothing was paid for */
export async function joinStep(proxies: Proxies, step: JoinedStep): Promise<EarlierStep | null> {
  const { workflowId } = step;
  return cancelledWithUs(workflowId, () => proxies.wait(`see what ${workflowId} has done`, AT_MOST_MS).joinStep(step));
}

interface OtherChild<Result> {
  readonly run: () => Promise<Result>;
  /** Whether the result of an earlier run is as good as a new one. */
  readonly isTaken: (result: Result) => boolean;
}

/**
 * Runs a child that is no step, unless an earlier run of this workflow has done it: then its result is taken. One that is
 * under way is waited for first.
 */
export async function runOrJoinChild<Result>(
  proxies: Proxies,
  workflowId: string,
  { run, isTaken }: OtherChild<Result>,
): Promise<Result> {
  const join = async (): Promise<Result> => {
    const found = await joinChild(proxies, { workflowId });
    if (found?.kind !== 'finished') return runOrJoin();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a workflow of this id returns nothing else
    const result = found.result as Result;
    return isTaken(result) ? result : runOrJoin();
  };
  const runOrJoin = async (): Promise<Result> => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return join();
      throw error;
    }
  };
  return mayHaveStarted() ? join() : runOrJoin();
}

/** Waits for a batch, or several, that an earlier run of this workflow has started. @returns null: there is none */
export async function joinChild(proxies: Proxies, child: JoinedChild): Promise<EndedChild | null> {
  const { workflowId } = child;
  return cancelledWithUs(workflowId, () =>
    proxies.wait(`see what ${workflowId} has done`, AT_MOST_MS).joinChild(child),
  );
}

/** A child of an earlier run hears of a cancellation only if it is told; then it stops what it has paid for. */
async function cancelledWithUs<Found>(workflowId: string, look: () => Promise<Found>): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    const isOver = isCancelled(error) && CancellationScope.current().consideredCancelled;
    if (isOver) {
      await CancellationScope.nonCancellable(async () => {
        await getExternalWorkflowHandle(workflowId)
          .cancel()
          .catch(() => undefined);
        await look().catch(() => undefined);
      });
    }
    throw error;
  }
}
