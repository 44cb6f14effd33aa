import { hint, quote } from './nearest.js';
import type { Finding } from './problems.js';
import { objectOf } from './rules.js';

/** The input of `runPipeline` gives the parameters that its pipeline declares. */
export function runPipelineRule(input: unknown): readonly Finding[] {
  const { pipeline, params } = objectOf(input);
  const path = params === undefined ? [] : ['params'];
  return paramMessages(objectOf(objectOf(pipeline)['params']), objectOf(params)).map((message) => ({ path, message }));
}

export function paramMessages(
  declared: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = Object.keys(declared);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  const missing = names.filter(
    (name) => !Object.hasOwn(given, name) && !Object.hasOwn(objectOf(declared[name]), 'default'),
  );
  return [
    ...unknown.map((name) => `parameter ${quote(name)} is not declared${hint(name, names)}`),
    ...missing.map((name) => `parameter ${quote(name)} has no default and must be given`),
  ];
}
