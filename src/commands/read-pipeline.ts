import type { Json } from '../domain/json.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { checkParams } from '../pipeline-file/check-input.js';
import { paramType } from '../pipeline-file/params-rule.js';
import { readPipelineFile } from '../pipeline-file/pipeline-tree.js';
import { formatProblem } from '../pipeline-file/problems.js';
import { UserError } from '../user-error.js';

/** @throws UserError with every problem of the file, a line each */
export async function readPipeline(file: string): Promise<PipelineSpec> {
  const read = await readPipelineFile(file);
  if ('spec' in read) return read.spec;
  throw new UserError(2, read.problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

/**
 * Reads `--param key=value`s. What is declared as a text is taken as it stands. Any other value is taken as the JSON that
 * it reads as (`5`, `true`, `["a"]`), else as text.
 *
 * @throws UserError for parameters that are malformed, not declared, of another type, or missing
 */
export function readParams(
  file: string,
  spec: PipelineSpec,
  given: readonly string[],
  unlessGiven: Readonly<Record<string, Json>> = {},
): Record<string, Json> {
  const params = { ...unlessGiven, ...Object.fromEntries(given.map((text) => splitParam(text, spec))) };
  const problems = checkParams(spec, params);
  if (problems.length === 0) return params;
  throw new UserError(2, problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

function splitParam(text: string, { params = {} }: PipelineSpec): [string, Json] {
  const at = text.indexOf('=');
  if (at < 1) throw new UserError(2, `--param ${text}: write it as name=value`);
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  return [name, Object.hasOwn(params, name) && paramType(params[name]) === 'string' ? value : jsonOr(value)];
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
