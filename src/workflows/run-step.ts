import type { WorkflowIdReusePolicy } from '@temporalio/common';
import { ChildWorkflowCancellationType, executeChild, ParentClosePolicy } from '@temporalio/workflow';
import { stepWorkflowId } from '../domain/ids.js';
import type { StepResult } from '../domain/pipeline.js';
import { RELEASED } from '../domain/released.js';
import { forEachInput, isReleased, pipelineInput, taskInput, type StepRun } from '../domain/step-input.js';
import { runForEach } from './run-for-each.js';
import type { runPipeline } from './run-pipeline.js';
import { runTask } from './run-task.js';
import { searchAttributes } from './search-attributes.js';

/**
 * Runs a step as a child, below the pipeline's own id.
 *
 * @throws WorkflowExecutionAlreadyStartedError where that id is taken, as the policy has it
 */
export function runStep(run: StepRun, workflowIdReusePolicy: WorkflowIdReusePolicy): Promise<StepResult> {
  const { name, plan, pipeline } = run;
  const options = {
    workflowId: stepWorkflowId(pipeline.workflowId, name),
    workflowIdReusePolicy,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `step ${name} of pipeline ${pipeline.name}`,
    typedSearchAttributes: [{ key: searchAttributes.pipeline, value: pipeline.name }],
    // A release that fails on its way may be tried again.
    ...(isReleased(run) ? { memo: { [RELEASED]: true } } : {}),
  };
  switch (plan.kind) {
    case 'task':
      return executeChild(runTask, { ...options, args: [taskInput(run, plan)] });
    case 'forEach':
      return executeChild(runForEach, { ...options, args: [forEachInput(run, plan)] });
    case 'pipeline':
      return executeChild<typeof runPipeline>('runPipeline', { ...options, args: [pipelineInput(run, plan)] });
  }
}
