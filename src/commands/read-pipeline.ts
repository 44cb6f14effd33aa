import { checkOutputSchema } from '../check-output-schema.js';
import type { Json } from '../domain/json.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { checkParams } from '../pipeline-file/check-input.js';
import { readPipelineFile } from '../pipeline-file/pipeline-tree.js';
import { formatProblem, type Problem } from '../pipeline-file/problems.js';
import { UserError } from '../user-error.js';
import { readParam, type ReadParam } from './read-param.js';

/** @throws UserError with every problem of the file, a line each */
export async function readPipeline(file: string): Promise<PipelineSpec> {
  const read = await readPipelineFile(file, checkOutputSchema);
  if ('spec' in read) return read.spec;
  throw new UserError(2, read.problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

/**
 * Reads `--param key=value`s.
 *
 * @throws UserError for parameters that are malformed, not declared, of another type, or missing
 */
export function readParams(
  file: string,
  spec: PipelineSpec,
  given: readonly string[],
  unlessGiven: Readonly<Record<string, Json>> = {},
): Record<string, Json> {
  const read = given.map((text) => splitParam(text, spec));
  const faults = read.flatMap(([name, param]): Problem[] =>
    'fault' in param ? [{ path: [], message: `parameter ${JSON.stringify(name)} ${param.fault}` }] : [],
  );
  const values = read.flatMap(([name, param]): [string, Json][] => ('value' in param ? [[name, param.value]] : []));
  const params = { ...unlessGiven, ...Object.fromEntries(values) };
  const problems = faults.length > 0 ? faults : checkParams(spec, params);
  if (problems.length === 0) return params;
  throw new UserError(2, problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

function splitParam(text: string, { params = {} }: PipelineSpec): [string, ReadParam] {
  const at = text.indexOf('=');
  if (at < 1) throw new UserError(2, `--param ${text}: write it as name=value`);
  const name = text.slice(0, at);
  return [name, readParam(text.slice(at + 1), Object.hasOwn(params, name) ? params[name] : undefined)];
}
