import { LARGEST_EXACT, mayBeRounded } from '../domain/exact-number.js';
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
  const rounded = roundedNumbers(value);
  if (rounded.length > 0) return rounded;
  if (kind !== 'runPipeline') return inputFindings(value, LARGEST_STEP_BYTES).map(placed);
  const { pipeline, params } = runPipelineInput.parse(value);
  return sizeFindings(pipeline, params).map((finding) => placed({ ...finding, path: ['pipeline', ...finding.path] }));
}

/**
 * Finds the numbers that may have been rounded before anybody here could see them: JSON has more digits than the numbers
 * of whoever has written or read it on its way.
 */
function roundedNumbers(value: unknown, path: Problem['path'] = []): Problem[] {
  if (typeof value === 'number' && mayBeRounded(value)) {
    const cure = 'send it as a text, or a smaller one where a number is needed';
    return [{ path, message: `a number beyond ${LARGEST_EXACT} may have lost digits already: ${cure}` }];
  }
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, item]) => roundedNumbers(item, [...path, isList ? Number(key) : key]));
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
