import type { Json } from '../../domain/json.js';
import { graphOf, type ForEach, type PipelineSpec, type StepSpec } from '../../domain/pipeline.js';
import { referencesIn, resolveReferences } from '../../domain/references.js';
import { isDefinition, type RunTaskInput } from '../../domain/run.js';

/** A step as far as its file tells what it will do. */
export interface StepOutline {
  /** Within a pipeline of a step: `<step>/<step>`. */
  readonly name: string;
  /** 1 starts at once; others wait for steps of lower levels. */
  readonly level: number;
  readonly after: readonly string[];
  /** Undefined: it runs a pipeline. */
  readonly task?: TaskOutline;
  readonly forEach?: ForEach;
  /** Most executions that it starts; undefined: it depends on rows. */
  readonly executions?: number;
  readonly options: StepSpec;
  /** Whose tables it fills. */
  readonly pipeline: string;
}

export interface TaskOutline {
  /** With the parameters filled in, where they are all it takes. */
  readonly definition: RunTaskInput['task'];
  /** Each run, or batch, has a definition of its own. */
  readonly isNewEachTime: boolean;
  readonly secretNames: readonly string[];
}

export function outlineSteps(
  pipeline: PipelineSpec,
  params: Readonly<Record<string, Json>>,
  within = '',
): readonly StepOutline[] {
  const levels = levelsOf(pipeline.steps);
  const known = { ...defaultsOf(pipeline), ...params };
  return Object.entries(pipeline.steps)
    .toSorted(([a], [b]) => (levels.get(a) ?? 0) - (levels.get(b) ?? 0))
    .flatMap(([step, spec]) => {
      const name = `${within}${step}`;
      const outline: StepOutline = {
        name,
        level: levels.get(step) ?? 1,
        after: graphOf(pipeline.steps).get(step) ?? [],
        options: spec,
        pipeline: pipeline.name,
        ...(spec.task === undefined ? {} : { task: outlineTask(spec, spec.task, known) }),
        ...(spec.forEach === undefined ? {} : { forEach: spec.forEach }),
        ...executionsOf(spec),
      };
      if (typeof spec.pipeline !== 'object') return [outline];
      const inner = resolveParams(spec.params ?? {}, known);
      return [outline, ...outlineSteps(spec.pipeline, inner, `${name}/`)];
    });
}

/** Values in a batch where the file does not say. */
export const DEFAULT_BATCH = 50;

function executionsOf({ executionId, forEach, pipeline }: StepSpec): { executions?: number } {
  if (executionId !== undefined || pipeline !== undefined) return { executions: 0 };
  if (forEach === undefined) return { executions: 1 };
  return forEach.max === undefined ? {} : { executions: Math.ceil(forEach.max / (forEach.batch ?? DEFAULT_BATCH)) };
}

function outlineTask(step: StepSpec, task: RunTaskInput['task'], params: Readonly<Record<string, Json>>): TaskOutline {
  const names = referencesIn(JSON.stringify(task));
  const isNewEachTime = names.some((name) => !name.startsWith('params.'));
  return {
    definition: isNewEachTime || !isDefinition(task) ? task : resolveParams(task, params),
    isNewEachTime,
    secretNames: Object.values(step.secretPayload ?? {}),
  };
}

/** What depends on a run that there is not yet is left as it stands. */
function resolveParams<Value>(value: Value, params: Readonly<Record<string, Json>>): Value {
  try {
    return resolveReferences(value, { params, run: { key: '${run.key}', scheduledTime: '${run.scheduledTime}' } });
  } catch {
    return value;
  }
}

function defaultsOf({ params = {} }: PipelineSpec): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, param]) => (param.default === undefined ? [] : [[name, param.default]])),
  );
}

/** How many steps one after the other lead to each. The graph has no circle: the file was checked. */
function levelsOf(steps: PipelineSpec['steps']): ReadonlyMap<string, number> {
  const graph = graphOf(steps);
  const levels = new Map<string, number>();
  const levelOf = (name: string): number => {
    const level = levels.get(name) ?? 1 + Math.max(0, ...(graph.get(name) ?? []).map(levelOf));
    levels.set(name, level);
    return level;
  };
  for (const name of graph.keys()) levelOf(name);
  return levels;
}
