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

export function stepsBefore(step: StepSpec): readonly string[] {
  if (step.after === undefined) return [];
  return typeof step.after === 'string' ? [step.after] : step.after;
}

/** A circle of steps that wait for each other, as `a -> b -> a`; undefined if there is none. */
export function findCycle(steps: PipelineSpec['steps']): string | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name].join(' -> ');
    const step = steps[name];
    if (done.has(name) || step === undefined) return undefined;
    for (const before of stepsBefore(step)) {
      const cycle = visit(before, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(steps)) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
