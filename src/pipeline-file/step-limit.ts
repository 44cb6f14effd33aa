import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

/** With more children a run's history gets too long, and each of its workflow tasks too slow. */
export const MOST_STEPS = 500;
/** Most pipelines within each other; each is a workflow that waits for the one within it. */
const DEEPEST = 20;

const TOO_MANY = `a pipeline may have ${MOST_STEPS} steps, those of the pipelines that it runs counted, and this is one too many; make several pipelines of it, or feed the rows of one step to another with "forEach"`;
const TOO_DEEP = `pipelines may stand within each other ${DEEPEST} deep, and here they are deeper; run the inner ones as steps of this one`;

/**
 * Finds the step with which a pipeline has too many, with those of the pipelines that it runs. It is to be asked before all
 * else: what else is checked takes longer the more steps there are, and goes down as deep as they do.
 */
export function tooManySteps(pipeline: unknown): Required<Finding> | undefined {
  let count = 0;
  for (const [name, step] of Object.entries(objectOf(objectOf(pipeline)['steps']))) {
    const within = sizeWithin(step, MOST_STEPS - count);
    count += 1 + within.steps;
    if (within.depth > DEEPEST) return { path: ['steps'], key: name, message: TOO_DEEP };
    if (count > MOST_STEPS) return { path: ['steps'], key: name, message: TOO_MANY };
  }
  return undefined;
}

/** Looks no further than it must: the pipeline may be anything. */
function sizeWithin(step: unknown, most: number): { readonly steps: number; readonly depth: number } {
  let pipelines = within([step]);
  let [steps, depth] = [0, 0];
  while (pipelines.length > 0 && steps <= most && depth <= DEEPEST) {
    const inner = pipelines.flatMap((pipeline) => Object.values(objectOf(pipeline['steps'])));
    steps += inner.length;
    depth += 1;
    pipelines = within(inner);
  }
  return { steps, depth };
}

/** The pipelines that are written out in steps. */
function within(steps: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  return steps.map((step) => objectOf(step)['pipeline']).filter(isObject);
}
