import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { StepResult } from '../domain/pipeline.js';
import { tallyOf, type Tally } from '../domain/tally.js';
import type { ListedWorkflow } from './list-runs.js';

/** How a listed run ended, in more than a word. */
export interface ListedEnd {
  /** Of a run that ended well. */
  readonly tally?: Tally;
  /** Of a run that failed by itself. */
  readonly failure?: { readonly type: string; readonly message: string };
}

const ASKED_AT_ONCE = 20;

/** Reads the last event of each run that has completed or failed. One that Temporal does not keep any more has none. */
export async function readListedEnds(
  client: Client,
  runs: readonly ListedWorkflow[],
): Promise<readonly (ListedEnd | undefined)[]> {
  const ends: (ListedEnd | undefined)[] = [];
  for (let at = 0; at < runs.length; at += ASKED_AT_ONCE) {
    ends.push(...(await Promise.all(runs.slice(at, at + ASKED_AT_ONCE).map((run) => readEnd(client, run)))));
  }
  return ends;
}

async function readEnd(client: Client, { workflowId, runId, status }: ListedWorkflow): Promise<ListedEnd | undefined> {
  if (status !== 'completed' && status !== 'failed') return undefined;
  try {
    const handle = client.workflow.getHandle<() => Promise<StepResult>>(workflowId, runId);
    return { tally: tallyOf(await handle.result()) };
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure)) return undefined;
    return { failure: { type: cause.type ?? cause.name, message: cause.message } };
  }
}
