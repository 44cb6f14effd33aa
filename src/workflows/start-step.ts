import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { stepWorkflowId } from '../domain/ids.js';
import type { EarlierStep } from '../domain/earlier-run.js';
import type { StepResult } from '../domain/pipeline.js';
import { executionsIn } from '../domain/step-result.js';
import { joinStep, mayHaveStarted } from './join-child.js';
import type { Proxies } from './proxies.js';
import { spendOnStep, type StepSpending } from './spend-on-step.js';

export interface StepStart extends StepSpending {
  readonly proxies: Proxies;
  /** Which earlier runs of this id are the same logical run: those before a reset or a retry, or all with the same key. */
  readonly joining: 'own' | 'byKey';
}

/**
 * Runs a step, unless an earlier run of the same pipeline has started it: then its result is taken, or it is waited for,
 * or gone on with. What was paid for is not paid again, and keeps the logical run under which it is published.
 */
export async function startStep(step: StepStart): Promise<StepResult> {
  const { before, joining, onStart } = step;
  if (!mayHaveStarted()) return runOrJoin(step, joining === 'byKey');
  onStart();
  const own = await join(step, false);
  return own === null ? runOrJoin(step, joining === 'byKey' && before === undefined) : goOn(step, own);
}

/** Runs a step of which no earlier run is known. If there is one, Temporal refuses to start a second. */
async function runOrJoin(step: StepStart, isUnique: boolean): Promise<StepResult> {
  try {
    return await spendOnStep(step, isUnique ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE');
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const found = await join(step, isUnique);
    return found === null ? runOrJoin(step, false) : goOn(step, found);
  }
}

/** Goes on from an earlier run. What this logical run has lost is not paid again, even if it goes on with `rerun`. */
async function goOn(step: StepStart, before: EarlierStep): Promise<StepResult> {
  if (before.kind === 'finished') {
    step.spending.count(executionsIn(before.result));
    return before.result;
  }
  if (before.kind === 'paid') step.spending.count(1);
  const { rerun: _ofAnother, release: _too, ...pipeline } = step.pipeline;
  return runOrJoin({ ...step, before, pipeline }, false);
}

function join({ name, plan, pipeline, proxies }: StepStart, byKey: boolean): Promise<EarlierStep | null> {
  const accept = plan.kind === 'task' ? plan.input.accept : undefined;
  return joinStep(proxies, {
    workflowId: stepWorkflowId(pipeline.workflowId, name),
    byKey,
    ...(accept === undefined ? {} : { accept }),
  });
}
