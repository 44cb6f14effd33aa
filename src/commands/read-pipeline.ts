import type { Json } from '../domain/json.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { checkParams } from '../pipeline-file/check-input.js';
import { formatProblem } from '../pipeline-file/problems.js';
import { parsePipeline } from '../pipeline-file/read-pipeline-file.js';
import { UserError } from '../user-error.js';
import { readText } from './read-text.js';

/** @throws UserError with every problem of the file, a line each */
export async function readPipeline(file: string): Promise<PipelineSpec> {
  const parsed = parsePipeline(await readText(file), file);
  if ('spec' in parsed) return parsed.spec;
  throw new UserError(2, parsed.problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

/**
 * Reads `--param key=value`s. A value that reads as JSON is taken as that (`5`, `true`, `["a"]`), anything else as text.
 *
 * @throws UserError for parameters that are malformed, not declared, or missing
 */
export function readParams(file: string, spec: PipelineSpec, given: readonly string[]): Record<string, Json> {
  const params = Object.fromEntries(given.map(splitParam));
  const problems = checkParams(spec, params);
  if (problems.length === 0) return params;
  throw new UserError(2, problems.map((problem) => formatProblem(file, problem)).join('\n'));
}

function splitParam(text: string): [string, Json] {
  const at = text.indexOf('=');
  if (at < 1) throw new UserError(2, `--param ${text}: write it as name=value`);
  return [text.slice(0, at), valueOf(text.slice(at + 1))];
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
