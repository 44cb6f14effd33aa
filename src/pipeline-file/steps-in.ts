import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

export interface PlacedStep {
  readonly path: Finding['path'];
  readonly step: Readonly<Record<string, unknown>>;
}

/** All steps of a pipeline, and those of the pipelines that are written out in a step. */
export function stepsIn(pipeline: unknown, path: Finding['path'] = []): readonly PlacedStep[] {
  return Object.entries(objectOf(objectOf(pipeline)['steps'])).flatMap(([name, step]) => {
    if (!isObject(step)) return [];
    const place = [...path, 'steps', name];
    return [{ path: place, step }, ...stepsIn(step['pipeline'], [...place, 'pipeline'])];
  });
}
