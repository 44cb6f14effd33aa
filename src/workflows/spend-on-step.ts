import {
  ApplicationFailure,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowIdReusePolicy,
} from '@temporalio/common';
import type { LostStep } from '../domain/earlier-run.js';
import type { FailureDetails } from '../domain/failures.js';
import type { StepResult } from '../domain/pipeline.js';
import type { StepPlan } from '../domain/plan-step.js';
import { shellCommand } from '../domain/shell-command.js';
import type { Spending } from '../domain/spending.js';
import type { StepRun } from '../domain/step-input.js';
import { executionsIn } from '../domain/step-result.js';
import type { Hold } from './hold.js';
import { runStep } from './run-step.js';

export interface StepSpending extends Omit<StepRun, 'mayStart'> {
  readonly hold: Hold;
  readonly spending: Spending;
  readonly maxExecutions: number | undefined;
  /** Called when nothing keeps the step from starting any more. */
  readonly onStart: () => void;
}

/** Runs a step when the pipeline is not paused, and as far as it may spend something. */
export async function spendOnStep(step: StepSpending, policy: WorkflowIdReusePolicy): Promise<StepResult> {
  const { plan, pipeline, before, hold, spending, maxExecutions, onStart } = step;
  if (before?.kind === 'lost' && pipeline.rerun !== true) throw lost(before, pipeline.workflowId);
  await hold.released();
  if (before?.kind === 'paid' || isFollowing(plan)) {
    onStart();
    return runStep({ ...step, mayStart: 0 }, policy);
  }
  const reserved = await spending.reserve(plan.kind === 'task' ? 'one' : 'rest');
  let started = reserved.granted ?? 0;
  try {
    // How many batches a `forEach` has it finds out by itself: perhaps none.
    if (reserved.granted === 0 && plan.kind !== 'forEach') throw nothingLeft(maxExecutions, pipeline.workflowId);
    onStart();
    const result = await runStep({ ...step, mayStart: reserved.granted }, policy);
    started = executionsIn(result);
    return result;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) started = 0;
    throw error;
  } finally {
    reserved.settle(started);
  }
}

function isFollowing(plan: StepPlan): boolean {
  return plan.kind === 'task' && plan.input.executionId !== undefined;
}

function lost({ type, message, executionId }: LostStep, pipelineId: string): ApplicationFailure {
  const details: FailureDetails = executionId === undefined ? {} : { executionId };
  const cure = `to pay for it again: ${shellCommand('retry --rerun', pipelineId)}, or \`rerun: true\` beside \`resumeOf\``;
  return ApplicationFailure.nonRetryable(`${message}; ${cure}`, type, details);
}

function nothingLeft(maxExecutions: number | undefined, pipelineId: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `this run has started all the executions that it may (maxExecutions: ${maxExecutions}); raise it in the pipeline, or go on with ${shellCommand('retry', pipelineId)}, which counts anew`,
    'StepFailed',
  );
}
