import type { Graph } from './graph.js';
import type { Json } from './json.js';
import type { RunTaskInput, RunTaskResult } from './run.js';

export interface StepSpec extends RunTaskInput {
  /** Steps that must have ended well before this one starts; none = it starts at once. */
  readonly after?: string | readonly string[];
}

export interface ParamSpec {
  /** A parameter without a default must be given. */
  readonly default?: Json;
}

export interface PipelineSpec {
  readonly name: string;
  readonly params?: Readonly<Record<string, ParamSpec>>;
  readonly steps: Readonly<Record<string, StepSpec>>;
}

/** Input of the workflow `runPipeline`. */
export interface RunPipelineInput {
  readonly pipeline: PipelineSpec;
  readonly params?: Readonly<Record<string, Json>>;
  /** `${run.key}`; default: what stands in the workflow's id. */
  readonly key?: string;
}

export interface RunPipelineResult {
  readonly steps: Readonly<Record<string, RunTaskResult>>;
}

function stepsBefore(step: StepSpec): readonly string[] {
  if (step.after === undefined) return [];
  return typeof step.after === 'string' ? [step.after] : step.after;
}

export function graphOf(steps: PipelineSpec['steps']): Graph {
  return new Map(Object.entries(steps).map(([name, step]) => [name, stepsBefore(step)]));
}
