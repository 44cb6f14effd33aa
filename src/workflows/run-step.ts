import { ChildWorkflowCancellationType, executeChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import type { EarlierRun, EarlierStep } from '../domain/earlier-run.js';
import { stepWorkflowId } from '../domain/ids.js';
import type { PipelineSpec, RowsSource, RunPipelineInput, StepResult } from '../domain/pipeline.js';
import type { StepPlan } from '../domain/plan-step.js';
import type { RunScope } from './resolve-steps.js';
import { runForEach } from './run-for-each.js';
import type { runPipeline } from './run-pipeline.js';
import { runTask } from './run-task.js';
import { searchAttributes } from './search-attributes.js';

export interface StepRun {
  readonly name: string;
  readonly plan: StepPlan;
  readonly input: RunPipelineInput;
  readonly scope: RunScope;
  /** Of the step that a `forEach` takes its rows from. */
  readonly rows: readonly RowsSource[];
  /** Most executions that it may start; undefined: any number. */
  readonly mayStart: number | undefined;
  /** What an earlier run of the pipeline has done. */
  readonly earlier: EarlierRun | undefined;
}

/** Runs a step as a child, below the pipeline's own id. */
export function runStep(run: StepRun): Promise<StepResult> {
  const { name, plan, input, mayStart, earlier } = run;
  const { workflowId } = workflowInfo();
  const pipeline = input.pipeline.name;
  const before = earlier?.steps[name];
  const options = {
    workflowId: stepWorkflowId(workflowId, name),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: `step ${name} of pipeline ${pipeline}`,
    typedSearchAttributes: [{ key: searchAttributes.pipeline, value: pipeline }],
  };
  switch (plan.kind) {
    case 'task': {
      const paid = before?.kind === 'paid' ? { executionId: before.executionId } : {};
      return executeChild(runTask, { ...options, args: [{ ...plan.input, ...paid }] });
    }
    case 'forEach': {
      const { forEach, task, options: following } = plan;
      const most = mayStart === undefined ? {} : { maxExecutions: mayStart };
      const logicalRun = stepWorkflowId(earlier?.first ?? workflowId, name);
      const args = {
        forEach,
        task,
        options: following,
        rows: run.rows,
        pipeline,
        step: name,
        run: logicalRun,
        ...most,
      };
      return executeChild(runForEach, { ...options, args: [args] });
    }
    case 'pipeline':
      return executeChild<typeof runPipeline>('runPipeline', { ...options, args: [inputOf(run, plan, before)] });
  }
}

/** A pipeline within another has its key and time, and the rest of what may be spent; whoever runs it tells of a failure. */
function inputOf(
  { input, scope, mayStart }: StepRun,
  { pipeline, params }: Extract<StepPlan, { kind: 'pipeline' }>,
  before: EarlierStep | undefined,
): RunPipelineInput {
  const { onFailure: _topTells, ...spec } = pipeline;
  return {
    pipeline: mayStart === undefined ? spec : { ...spec, maxExecutions: smaller(mayStart, spec) },
    params,
    key: scope.run.key,
    scheduledTime: scope.run.scheduledTime,
    ...(before?.kind === 'begun' ? { resumeOf: before.workflowId } : {}),
    ...(input.rerun === undefined ? {} : { rerun: input.rerun }),
  };
}

function smaller(mayStart: number, { maxExecutions = Infinity }: PipelineSpec): number {
  return Math.min(mayStart, maxExecutions);
}
