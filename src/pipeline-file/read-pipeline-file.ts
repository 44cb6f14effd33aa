import type { PipelineSpec } from '../domain/pipeline.js';
import { unknownStores, type KnownStores } from './known-stores.js';
import { rewrittenValues } from './number-rules.js';
import { pipelineSpec } from './pipeline-schema.js';
import type { Finding, Problem } from './problems.js';
import { objectOf } from './rules.js';
import { sizeFindings } from './size-rule.js';
import { readSource, type Source } from './source.js';
import { tooManySteps } from './step-limit.js';
import { validate } from './validate.js';

/** A pipeline, or everything that is wrong with it. */
export type ReadPipeline = { readonly spec: PipelineSpec } | { readonly problems: Problem[] };

/**
 * Reads a pipeline from YAML, or from strict JSON where the file's name ends in `.json`. Where a step names another
 * file, the name stays.
 *
 * @returns the pipeline, or everything that is wrong with it, in the order of the file.
 */
export function parsePipeline(text: string, fileName: string): ReadPipeline {
  const source = readSource(text, fileName);
  return 'problems' in source ? source : checkPipeline(source, { pipeline: pipelineIn(source) });
}

/** JSON has no comments, so a JSON file tells the editor by the key `$schema` which schema it follows. */
export function pipelineIn(source: Source): unknown {
  const { $schema: link, ...pipeline } = objectOf(source.value);
  return typeof link === 'string' ? pipeline : source.value;
}

export interface Candidate {
  readonly pipeline: unknown;
  /** Default: any may exist. */
  readonly stores?: KnownStores | undefined;
  /** What has been found out already. */
  readonly findings?: readonly Finding[];
}

export function checkPipeline(source: Source, { pipeline, stores, findings = [] }: Candidate): ReadPipeline {
  const tooMany = tooManySteps(pipeline);
  if (tooMany !== undefined) return { problems: source.locate([...findings, tooMany]) };
  const result = validate(pipelineSpec, pipeline);
  const wrong = [
    ...findings,
    ...rewrittenValues(pipelineIn(source), source.written, source.isJson),
    ...('data' in result ? sizeFindings(result.data) : result.findings),
    ...(stores ? unknownStores(pipelineIn(source), stores) : []),
  ];
  if ('data' in result && wrong.length === 0) return { spec: result.data };
  return { problems: source.locate(wrong) };
}
