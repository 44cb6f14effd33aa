import {
  ChildWorkflowCancellationType,
  CancellationScope,
  executeChild,
  ParentClosePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { FailureDetails, FailureType } from '../domain/failures.js';
import { walkGraph } from '../domain/graph.js';
import { stepWorkflowId } from '../domain/ids.js';
import { graphOf, type RunPipelineInput } from '../domain/pipeline.js';
import type { StepProgress } from '../domain/progress.js';
import { validRows, type RunTaskInput, type RunTaskResult } from '../domain/run.js';
import type { Hold } from './hold.js';
import { isCancelled } from './is-cancelled.js';
import { runTask } from './run-task.js';
import { searchAttributes } from './search-attributes.js';
import { resolveSteps } from './resolve-steps.js';
import { readFailure } from './top-level-failure.js';
import type { ProgressTracker } from './track-progress.js';

export interface StepFailure {
  readonly type: FailureType;
  readonly message: string;
  readonly details: FailureDetails & { readonly step: string };
}

/** Runs the steps as children, below the pipeline's own id. What fails is added to `failures`. */
export async function walkSteps(
  input: RunPipelineInput,
  progress: ProgressTracker,
  failures: StepFailure[],
  hold: Hold,
): Promise<Record<string, RunTaskResult>> {
  const inputs = resolveSteps(input);
  const results: Record<string, RunTaskResult> = {};
  const mark = (name: string, changes: StepProgress): void => {
    const before = progress.current().steps;
    const steps: Record<string, StepProgress> = { ...before, [name]: { ...before?.[name], ...changes } };
    progress.update({ steps, rows: Object.values(steps).reduce((sum, step) => sum + (step.rows ?? 0), 0) });
  };
  for (const name of inputs.keys()) mark(name, { state: 'pending' });

  await walkGraph(graphOf(input.pipeline.steps), {
    skip: (name) => mark(name, { state: 'skipped' }),
    async visit(name) {
      const workflowId = stepWorkflowId(workflowInfo().workflowId, name);
      try {
        await hold.released();
        mark(name, { state: 'running', workflowId, startedAt: now() });
        const result = await runStep(workflowId, name, input.pipeline.name, inputs.get(name));
        results[name] = result;
        const { executionId, status } = result;
        mark(name, { state: 'completed', endedAt: now(), executionId, status, rows: validRows(result) });
        return true;
      } catch (error) {
        if (isCancelled(error) && CancellationScope.current().consideredCancelled) {
          mark(name, { state: 'cancelled', endedAt: now() });
          return false;
        }
        const { type, message, details } = readFailure(error);
        failures.push({ type, message, details: { ...details, step: name } });
        const executionId = details.executionId === undefined ? {} : { executionId: details.executionId };
        mark(name, { state: 'failed', endedAt: now(), ...executionId, failure: { type, message } });
        return false;
      }
    },
  });
  return results;
}

function runStep(
  workflowId: string,
  name: string,
  pipeline: string,
  input: RunTaskInput | undefined,
): Promise<RunTaskResult> {
  if (input === undefined) throw new Error(`no step "${name}"`);
  return executeChild(runTask, {
    workflowId,
    args: [input],
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `step ${name} of pipeline ${pipeline}`,
    typedSearchAttributes: [{ key: searchAttributes.pipeline, value: pipeline }],
  });
}

function now(): string {
  return new Date().toISOString();
}
