import type { PipelineSpec } from '../domain/pipeline.js';
import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

/** The pipeline of that name; undefined where the name shall stay. */
export type OpenOther = (name: string, path: Finding['path']) => Promise<PipelineSpec | undefined>;

/** A pipeline whose steps have the other pipelines themselves in place of their names, one after the other. */
export async function replaceNames(pipeline: unknown, open: OpenOther, path: Finding['path'] = []): Promise<unknown> {
  const { steps } = objectOf(pipeline);
  if (!isObject(pipeline) || !isObject(steps)) return pipeline;
  const replaced: [string, unknown][] = [];
  for (const [name, step] of Object.entries(steps)) {
    replaced.push([name, await replaceName(step, open, [...path, 'steps', name, 'pipeline'])]);
  }
  return { ...pipeline, steps: Object.fromEntries(replaced) };
}

async function replaceName(step: unknown, open: OpenOther, path: Finding['path']): Promise<unknown> {
  if (!isObject(step)) return step;
  const { pipeline } = step;
  if (isObject(pipeline)) return { ...step, pipeline: await replaceNames(pipeline, open, path) };
  // References have no place in a file's name: that is said where all of them are judged.
  if (typeof pipeline !== 'string' || pipeline === '' || pipeline.includes('${')) return step;
  return { ...step, pipeline: (await open(pipeline, path)) ?? pipeline };
}
