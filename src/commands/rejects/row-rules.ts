import { checkOutputSchema } from '../../check-output-schema.js';
import type { Json } from '../../domain/json.js';
import { isDefinition, type ExportFormat } from '../../domain/run.js';
import { formatProblem, type Problem } from '../../pipeline-file/problems.js';
import { rewrittenInSchema } from '../../pipeline-file/number-rules.js';
import { readSource } from '../../pipeline-file/source.js';
import { UserError } from '../../user-error.js';
import { readPipeline } from '../read-pipeline.js';
import { readText } from '../read-text.js';
import { schemaOfExecution, schemaOfTask } from './service-schema.js';

/** How records are judged, and read as rows. */
export interface RowRules extends ReadingOptions {
  /** Undefined = there is none. */
  readonly outputSchema: Json | undefined;
}

/** The keys of a step that have a say in it, by the same names. */
interface ReadingOptions {
  readonly format?: ExportFormat;
  readonly records?: string;
  readonly coerce?: boolean;
}

export interface RuleOptions extends ReadingOptions {
  readonly schema?: string;
  readonly pipeline?: string;
  readonly step?: string;
}

/** The rules for the rejects of an execution, which belongs to a run. */
export type RulesFor = (executionId: string, run: string) => Promise<RowRules>;

/**
 * Reads the rules from a schema's file, or from a step of a pipeline file; without either the schema is the one that the
 * execution's task has at the service now. What the options say of format, records and coerce comes first.
 *
 * @throws UserError for options that contradict each other, and for bad files
 */
export async function readRules(options: RuleOptions): Promise<RulesFor> {
  const { schema, pipeline, step } = options;
  if (schema !== undefined && pipeline !== undefined) throw new UserError(2, 'give --schema or --pipeline, not both');
  if (pipeline !== undefined && step !== undefined) return rulesOfStep(pipeline, step, options);
  if (pipeline !== undefined || step !== undefined) {
    throw new UserError(2, '--pipeline FILE and --step NAME go together');
  }
  const reading = readingOf(options);
  if (schema === undefined) return async (id, run) => ({ ...reading, outputSchema: await schemaOfExecution(id, run) });
  const outputSchema = await readSchema(schema, reading);
  return async () => ({ ...reading, outputSchema });
}

async function rulesOfStep(file: string, name: string, options: RuleOptions): Promise<RulesFor> {
  const { steps } = await readPipeline(file);
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step === undefined) {
    throw new UserError(2, `${file}: there is no step "${name}", but ${Object.keys(steps).join(', ')}`);
  }
  const { task } = step;
  if (task === undefined)
    throw new UserError(2, `${file}: step "${name}" runs another pipeline: give the file of that one`);
  const reading = { ...readingOf(step), ...readingOf(options) };
  return async () => ({
    ...reading,
    outputSchema: isDefinition(task) ? task.output_schema : await schemaOfTask(task.id),
  });
}

function readingOf({ format, records, coerce }: ReadingOptions): ReadingOptions {
  return {
    ...(format === undefined ? {} : { format }),
    ...(records === undefined ? {} : { records }),
    ...(coerce === undefined ? {} : { coerce }),
  };
}

/** @throws UserError for a file that holds no schema, one that cannot be used, or numbers that would be changed */
async function readSchema(file: string, { format = 'json', records }: ReadingOptions): Promise<Json> {
  const refuse = (problems: readonly Problem[]): UserError =>
    new UserError(2, problems.map((problem) => formatProblem(file, problem)).join('\n'));
  const source = readSource(await readText(file), file);
  if ('problems' in source) throw refuse(source.problems);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what YAML and JSON hold; the validator judges the rest
  const outputSchema = source.value as Json;
  const changed = rewrittenInSchema(source.written, source.isJson);
  if (changed.length > 0) throw refuse(source.locate(changed));
  const place = { path: [], outputSchema, format, ...(records === undefined ? {} : { records }) };
  const fault = await checkOutputSchema(place);
  if (fault !== undefined) throw refuse(source.locate([fault]));
  return outputSchema;
}
