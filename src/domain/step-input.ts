import type { EarlierStep } from './earlier-run.js';
import type { RunForEachInput } from './for-each.js';
import { stepWorkflowId } from './ids.js';
import type { PipelineSpec, RowsSource, RunPipelineInput } from './pipeline.js';
import type { StepPlan } from './plan-step.js';
import type { Expectations, RunTaskInput } from './run.js';

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
    readonly release?: RunPipelineInput['release'];
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
export function taskInput(run: StepRun, { input }: Plan<'task'>): RunTaskInput {
  const { before } = run;
  if (before?.kind !== 'paid') return input;
  return { ...input, executionId: before.executionId, ...(isReleased(run) ? { expect: NO_GATE } : {}) };
}

/** Passed by whatever was exported. */
export const NO_GATE: Expectations = { minRows: 0 };

/** Whether a gate holds a step, and somebody wants it published as it is. */
export function isReleased({ before, pipeline: { release = false } }: Pick<StepRun, 'before' | 'pipeline'>): boolean {
  if ((before?.kind !== 'paid' && before?.kind !== 'begun') || before.held !== true) return false;
  const id = before.kind === 'paid' ? before.executionId : before.workflowId;
  return typeof release === 'boolean' ? release : release.includes(id);
}

export function forEachInput(run: StepRun, { forEach, task, options }: Plan<'forEach'>): RunForEachInput {
  const { name, pipeline, rows, mayStart } = run;
  return {
    forEach,
    task,
    options: isReleased(run) ? { ...options, expect: NO_GATE } : options,
    rows,
    pipeline: pipeline.name,
    step: name,
    run: stepWorkflowId(pipeline.first, name),
    ...(mayStart === undefined ? {} : { maxExecutions: mayStart }),
  };
}

/** A pipeline within another has its key and time, and the rest of what may be spent; whoever runs it tells of a failure. */
export function pipelineInput(
  { pipeline: { key, scheduledTime, rerun, release }, mayStart, before }: StepRun,
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
    ...(release === undefined ? {} : { release }),
  };
}

function smaller(mayStart: number, { maxExecutions = Infinity }: PipelineSpec): number {
  return Math.min(mayStart, maxExecutions);
}
