import type { Json } from '../domain/json.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { followExecutionInput, runPipelineInput, runTaskInput, sweepInput } from './input-schemas.js';
import { paramFindings } from './params-rule.js';
import type { Finding, Problem } from './problems.js';
import { LARGEST_STEP_BYTES } from '../domain/sizes.js';
import { inputFindings, sizeFindings } from './size-rule.js';
import { objectOf } from './rules.js';
import { tooManySteps } from './step-limit.js';
import { validate } from './validate.js';

const SCHEMAS = {
  runTask: runTaskInput,
  followExecution: followExecutionInput,
  runPipeline: runPipelineInput,
  sweepOrphans: sweepInput,
};

/** The workflows, by the names that callers start them with. */
export type InputKind = keyof typeof SCHEMAS;

/** Everything that is wrong with a workflow's input, whatever language it came from; empty if it is good. */
export function checkInput(kind: InputKind, value: unknown): Problem[] {
  const tooMany = kind === 'runPipeline' ? tooManySteps(objectOf(value)['pipeline']) : undefined;
  if (tooMany !== undefined) return [{ path: ['pipeline', ...tooMany.path, tooMany.key], message: tooMany.message }];
  const result = validate<unknown>(SCHEMAS[kind], value);
  if ('findings' in result) return result.findings.map(({ path, message }) => ({ path, message }));
  if (kind !== 'runPipeline') return inputFindings(value, LARGEST_STEP_BYTES).map(placed);
  const { pipeline, params } = runPipelineInput.parse(value);
  return sizeFindings(pipeline, params).map((finding) => placed({ ...finding, path: ['pipeline', ...finding.path] }));
}

function placed({ path, key, message }: Finding): Problem {
  return { path: key === undefined ? path : [...path, key], message };
}

/**
 * Whether the parameters that somebody gives are those that the pipeline declares, and not too large for its steps. About
 * a parameter the message names it, and `path` is empty.
 */
export function checkParams(spec: PipelineSpec, params: Readonly<Record<string, Json>>): Problem[] {
  const wrong = paramFindings(spec.params ?? {}, params).map(({ message }) => ({ path: [], message }));
  return wrong.length > 0 ? wrong : sizeFindings(spec, params).map(placed);
}
