import type { Json } from '../domain/json.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { followExecutionInput, runPipelineInput, runTaskInput, sweepInput } from './input-schemas.js';
import { paramFindings } from './params-rule.js';
import type { Problem } from './problems.js';
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
  const result = validate<unknown>(SCHEMAS[kind], value);
  return 'data' in result ? [] : result.findings.map(({ path, message }) => ({ path, message }));
}

/**
 * Whether the parameters that somebody gives are those that the pipeline declares. The messages name the parameter,
 * `path` is empty.
 */
export function checkParams(spec: PipelineSpec, params: Readonly<Record<string, Json>>): Problem[] {
  return paramFindings(spec.params ?? {}, params).map(({ message }) => ({ path: [], message }));
}
