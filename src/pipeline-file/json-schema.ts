import { z } from 'zod';
import { pipelineSpec } from './pipeline-schema.js';

/** The JSON Schema of a pipeline file, for editors. Draft 07 is what all of them understand. */
export function pipelineJsonSchema(): object {
  const { $schema, properties, ...schema } = z.toJSONSchema(pipelineSpec, {
    target: 'draft-07',
    unrepresentable: 'any',
  });
  return {
    $schema,
    $id: 'urn:titanflow:pipeline-file',
    title: 'titanflow pipeline',
    description: 'What to scrape with the Titan Task Service, and where the rows go.',
    ...schema,
    properties: {
      $schema: { type: 'string', description: 'Where this schema is, for the editor.' },
      ...properties,
    },
  };
}
