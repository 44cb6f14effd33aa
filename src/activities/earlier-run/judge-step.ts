import { Context } from '@temporalio/activity';
import { WorkflowFailedError, type WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { EarlierStep } from '../../domain/earlier-run.js';
import { executionWorkflowId } from '../../domain/ids.js';
import type { FailureDetails } from '../../domain/failures.js';
import type { StepResult, StepSpec } from '../../domain/pipeline.js';
import { RELEASED } from '../../domain/released.js';
import { isAccepted, isLive, standingOf } from '../../domain/status.js';
import type { TaskService } from '../../task-service/task-service.js';
import { isUnknownToService } from '../../task-service/service-facts.js';
import type { Staging } from '../../staging/staging.js';
import { factsOf } from '../execution-facts.js';
import { readEnd } from '../staged-end.js';
import type { Owners } from '../owners.js';
import { executionIdOf } from '../execution-id-of.js';
import type { StartedStep } from './read-history.js';

export interface Judge {
  readonly service: TaskService;
  readonly staging: Staging;
  readonly owners: Owners;
  readonly signal: AbortSignal;
  readonly accept: StepSpec['accept'];
  /** Describes the last run of a workflow. */
  readonly lookAt: (workflowId: string) => Promise<WorkflowExecutionDescription | undefined>;
}

/** What can be taken over of a step that was started. @returns undefined where nothing of it was paid for */
export async function judgeStarted(step: StartedStep, judge: Judge): Promise<EarlierStep | undefined> {
  if (step.result !== undefined) return { kind: 'finished', result: step.result };
  const { workflowId } = step;
  const workflow = await judge.lookAt(workflowId);
  if (workflow === undefined) {
    const message = `Temporal does not keep workflow ${workflowId} any more, so nobody knows what it has paid for`;
    return { kind: 'lost', type: 'RunOutcomeUnknown', message };
  }
  if (workflow.status.name === 'RUNNING') throw stillEnding(workflowId);
  // It may have been retried by itself since.
  return judgeEnded(workflow, judge);
}

/** Tells what can be taken over of a step that is over. */
export async function judgeEnded(
  workflow: WorkflowExecutionDescription,
  judge: Judge,
): Promise<EarlierStep | undefined> {
  const { status, type, workflowId } = workflow;
  if (status.name === 'COMPLETED') return { kind: 'finished', result: await resultOf(workflow) };
  if (type === 'runTask') return judgeFailed(workflow, judge);
  const failure = await failureOf(workflow);
  return { kind: 'begun', workflowId, ...heldIn(workflow, failure) };
}

/** What is left of an execution: what is staged tells, or the service, whatever became of those who followed it. */
export async function judgeExecution(executionId: string, judge: Judge): Promise<EarlierStep> {
  const { service, staging, signal, accept = 'completed', lookAt } = judge;
  const follower = await lookAt(executionWorkflowId(executionId));
  // Somebody has released it, or followed it again.
  if (follower?.status.name === 'COMPLETED') return { kind: 'finished', result: await resultOf(follower) };
  try {
    const staged = await readEnd(staging, executionId);
    const { status, error: reason } = staged?.ended ?? factsOf(await service.executions.get(executionId, signal));
    if (isLive(status) || isAccepted(status, accept)) return { kind: 'paid', executionId };
    const type = standingOf(status) === 'cancelled' ? 'ExecutionCancelled' : 'ExecutionFailed';
    const message = `execution ${executionId} ended as ${status}${reason === undefined ? '' : `: ${reason}`}`;
    return { kind: 'lost', type, message, executionId };
  } catch (error) {
    if (!isUnknownToService(error)) throw error;
    const message = `the service does not know execution ${executionId} any more`;
    return { kind: 'lost', type: 'NotFound', message, executionId };
  }
}

async function judgeFailed(workflow: WorkflowExecutionDescription, judge: Judge): Promise<EarlierStep | undefined> {
  const failure = await failureOf(workflow);
  const executionId = failure?.details.executionId ?? (await executionIdOf(workflow, judge.owners));
  if (executionId !== undefined) {
    const left = await judgeExecution(executionId, judge);
    return left.kind === 'paid' ? { ...left, ...heldIn(workflow, failure) } : left;
  }
  if (failure?.type !== 'RunOutcomeUnknown') return undefined;
  return { kind: 'lost', type: failure.type, message: failure.message };
}

/** A release that failed on its way may be tried again. */
function heldIn(
  { memo }: WorkflowExecutionDescription,
  failure: { readonly type: string | null | undefined } | undefined,
) {
  return failure?.type === 'ExpectationFailed' || memo?.[RELEASED] === true ? { held: true } : {};
}

export function resultOf({ workflowId, runId }: WorkflowExecutionDescription): Promise<StepResult> {
  return Context.current().client.workflow.getHandle<() => Promise<StepResult>>(workflowId, runId).result();
}

/** @returns undefined where it was cancelled, or ended by Temporal */
async function failureOf(workflow: WorkflowExecutionDescription) {
  try {
    await resultOf(workflow);
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) return undefined;
    const details: unknown = cause.details?.[0];
    const known: FailureDetails = typeof details === 'object' && details !== null ? details : {};
    return { type: cause.type, message: cause.message, details: known };
  }
}

/** Its pipeline was terminated: it stops what it has paid for, and ends soon. */
function stillEnding(workflowId: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'ServiceUnavailable',
    message: `${workflowId} has not ended yet`,
    nextRetryDelay: '2 seconds',
  });
}
