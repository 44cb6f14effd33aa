import { pipelineJsonSchema } from './json-schema.js';

process.stdout.write(`${JSON.stringify(pipelineJsonSchema(), undefined, 2)}\n`);
