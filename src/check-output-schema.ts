import type { SchemaCheck } from './pipeline-file/output-schemas.js';
import { refuseUnusableSchema } from './rows/check-schema.js';
import { schemaColumns } from './rows/columns.js';
import { DocumentError } from './rows/document-error.js';
import { SchemaError } from './rows/schema-error.js';

/** Judges a schema as a run does before it is paid for. */
export const checkOutputSchema: SchemaCheck = async ({ path: _path, ...options }) => {
  try {
    await refuseUnusableSchema(options, NEVER);
    schemaColumns(options.outputSchema, options.records);
    return undefined;
  } catch (error) {
    if (error instanceof SchemaError) return error.fault;
    if (error instanceof DocumentError) return { path: [], message: error.message };
    throw error;
  }
};

const NEVER = new AbortController().signal;
