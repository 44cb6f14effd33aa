import type { PipelineSpec } from '../domain/pipeline.js';
import { pipelineSpec } from './pipeline-schema.js';
import type { Problem } from './problems.js';
import { objectOf } from './rules.js';
import { readSource } from './source.js';
import { validate } from './validate.js';

/**
 * Reads a pipeline from YAML, or from strict JSON where the file's name ends in `.json`.
 *
 * @returns the pipeline, or everything that is wrong with it, in the order of the file.
 */
export function parsePipeline(
  text: string,
  fileName: string,
): { readonly spec: PipelineSpec } | { readonly problems: Problem[] } {
  const source = readSource(text, fileName);
  if ('problems' in source) return source;
  const result = validate(pipelineSpec, withoutSchemaLink(source.value));
  return 'data' in result ? { spec: result.data } : { problems: source.locate(result.findings) };
}

/** JSON has no comments, so a JSON file tells the editor by the key `$schema` which schema it follows. */
function withoutSchemaLink(value: unknown): unknown {
  const { $schema: link, ...pipeline } = objectOf(value);
  return typeof link === 'string' ? pipeline : value;
}
