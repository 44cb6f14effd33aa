import type { EarlierStep } from './earlier-run.js';
import type { RunForEachInput } from './for-each.js';
import { stepWorkflowId } from './ids.js';
import type { PipelineSpec, RowsSource, RunPipelineInput } from './pipeline.js';
import type { StepPlan } from './plan-step.js';
import type { RunTaskInput } from './run.js';

/** A step that is about to be started. */
export interface StepRun {
  readonly name: string;
  readonly plan: StepPlan;
  readonly pipeline: {
    readonly name: string;
    readonly workflowId: string;
    /** Workflow id of the first run: logical runs are named after it. */
    readonly first: string;
    readonly key: string;
    readonly scheduledTime: string;
    readonly rerun?: boolean;
  };
  /** Of the step that a `forEach` takes its rows from. */
  readonly rows: readonly RowsSource[];
  /** Most executions that it may start; undefined: any number. */
  readonly mayStart: number | undefined;
  /** What is left of it from an earlier run of the pipeline. */
  readonly before: EarlierStep | undefined;
}

type Plan<Kind extends StepPlan['kind']> = Extract<StepPlan, { kind: Kind }>;

/** What is paid for is followed, and not started again. */
export function taskInput({ before }: StepRun, { input }: Plan<'task'>): RunTaskInput {
  return before?.kind === 'paid' ? { ...input, executionId: before.executionId } : input;
}

export function forEachInput(run: StepRun, { forEach, task, options }: Plan<'forEach'>): RunForEachInput {
  const { name, pipeline, rows, mayStart } = run;
  return {
    forEach,
    task,
    options,
    rows,
    pipeline: pipeline.name,
    step: name,
    run: stepWorkflowId(pipeline.first, name),
    ...(mayStart === undefined ? {} : { maxExecutions: mayStart }),
  };
}

/** A pipeline within another has its key and time, and the rest of what may be spent; whoever runs it tells of a failure. */
export function pipelineInput(
  { pipeline: { key, scheduledTime, rerun }, mayStart, before }: StepRun,
  { pipeline, params }: Plan<'pipeline'>,
): RunPipelineInput {
  const { onFailure: _topTells, ...spec } = pipeline;
  return {
    pipeline: mayStart === undefined ? spec : { ...spec, maxExecutions: smaller(mayStart, spec) },
    params,
    key,
    scheduledTime,
    ...(before?.kind === 'begun' ? { resumeOf: before.workflowId } : {}),
    ...(rerun === undefined ? {} : { rerun }),
  };
}

function smaller(mayStart: number, { maxExecutions = Infinity }: PipelineSpec): number {
  return Math.min(mayStart, maxExecutions);
}
