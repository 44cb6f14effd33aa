import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RequestBudget } from '../activities/await-execution.js';
import { readBudget } from '../client/read-budget.js';
import { readProgress } from '../client/read-progress.js';
import { orAborted } from '../domain/or-aborted.js';
import type { StepProgress } from '../domain/progress.js';
import { describeSighting } from './describe-sighting.js';
import { createLiveView, type LiveView } from './live-view.js';
import { answers, isPassing } from '../temporal/lost-connection.js';
import { outcomeOf, type Outcome } from './outcome.js';

const LOOK_EVERY_MS = 500;
const BUDGET_EVERY_MS = 3_000;
const ASK_AGAIN_MS = 1_000;

export interface Followed {
  readonly outcome: Outcome;
  /** As last seen: when each step started and ended. */
  readonly steps: Readonly<Record<string, StepProgress>>;
}

/**
 * Shows a workflow's progress until it ends. A look that fails (no worker answers, the connection is lost) is tried
 * again: the workflow goes on without us.
 *
 * @throws the signal's reason when that is aborted first; the workflow goes on.
 */
export async function follow(
  client: Client,
  workflowId: string,
  signal: AbortSignal,
  view: LiveView = createLiveView(process.stderr),
): Promise<Followed> {
  const ended = new AbortController();
  let steps: Readonly<Record<string, StepProgress>> = {};
  let isConnected = true;
  let budget: RequestBudget | undefined;

  async function look(): Promise<void> {
    try {
      const sighting = await readProgress(client, workflowId);
      steps = sighting.steps ?? steps;
      tell(true);
      view.show(describeSighting(sighting), ended.signal.aborted ? undefined : budget);
    } catch {
      // The next look may find a worker that answers.
      if (!ended.signal.aborted) tell(await answers(client));
    }
  }

  function tell(isThere: boolean): void {
    if (isThere === isConnected) return;
    isConnected = isThere;
    view.say(
      isThere ? 'connected again' : 'Temporal does not answer: the run is not lost, trying again (Ctrl-C leaves it)',
    );
  }

  async function watch(): Promise<void> {
    while (!ended.signal.aborted) {
      await client.withAbortSignal(forManyCalls(ended.signal), look);
      await sleep(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  }

  async function watchBudget(): Promise<void> {
    let taskQueue: string | undefined;
    while (!ended.signal.aborted) {
      budget = await client
        .withAbortSignal(forManyCalls(ended.signal), async () => {
          taskQueue ??= (await client.workflow.getHandle(workflowId).describe()).taskQueue;
          return readBudget(client, taskQueue);
        })
        // It is nothing that the run needs.
        .catch(() => undefined);
      await sleep(BUDGET_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  }

  const watching = Promise.all([watch(), ...(view.showsBudget ? [watchBudget()] : [])]);
  try {
    // A call that outlives its connection would end the process from within a timer of the client's.
    const outcome = client.withAbortSignal(forManyCalls(signal), () =>
      outcomeThroughOutages(client, workflowId, signal),
    );
    await orAborted(outcome, signal);
    ended.abort();
    await watching;
    await look();
    return { outcome: await outcome, steps };
  } finally {
    ended.abort();
    await watching;
    view.end();
  }
}

/** The client itself gives up after some seconds: whoever follows a run through a night has more patience. */
async function outcomeThroughOutages(client: Client, workflowId: string, signal: AbortSignal): Promise<Outcome> {
  for (;;) {
    try {
      return await outcomeOf(client, workflowId);
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }
}

/**
 * The client leaves a listener on its signal with every call. Each look has a signal of its own, so that they do not pile
 * up; the many calls of one look, and one long poll a minute for as long as the workflow runs, are no leak.
 */
function forManyCalls(signal: AbortSignal): AbortSignal {
  const derived = AbortSignal.any([signal]);
  setMaxListeners(0, derived);
  return derived;
}
