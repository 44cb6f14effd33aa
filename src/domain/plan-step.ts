import type { RunForEachInput } from './for-each.js';
import type { Json } from './json.js';
import type { ForEach, PipelineSpec, StepSpec } from './pipeline.js';
import { resolveReferences, type ReferenceScope } from './references.js';
import { isDefinition, type RunTaskInput, type TaskDefinition } from './run.js';

/** What a step runs, with its references filled in. */
export type StepPlan =
  | { readonly kind: 'task'; readonly input: RunTaskInput }
  | {
      readonly kind: 'forEach';
      readonly forEach: ForEach;
      readonly task: TaskDefinition;
      readonly options: RunForEachInput['options'];
    }
  | { readonly kind: 'pipeline'; readonly pipeline: PipelineSpec; readonly params: Readonly<Record<string, Json>> };

/** @throws Error for a reference without a value, and for a step that runs nothing */
export function planStep(step: StepSpec, scope: ReferenceScope): StepPlan {
  const { after: _after, when: _when, onFailure: _failing, forEach, pipeline, params = {}, task, ...rest } = step;
  if (typeof pipeline === 'object') {
    // The references in it are its own.
    return { kind: 'pipeline', pipeline, params: resolveReferences(params, scope) };
  }
  if (task === undefined) throw new Error('a step has a `task`, or a `pipeline` as a whole');
  const input: RunTaskInput = resolveReferences({ ...rest, task }, scope);
  if (forEach === undefined) return { kind: 'task', input };

  const { task: definition, executionId: _other, ...options } = input;
  if (!isDefinition(definition)) throw new Error('`forEach` needs the definition of a task, not the id of one');
  return { kind: 'forEach', forEach, task: definition, options };
}
