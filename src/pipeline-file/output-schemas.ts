import type { Json } from '../domain/json.js';
import { referencesIn, resolveReferences } from '../domain/references.js';
import type { Finding } from './problems.js';
import { isObject, objectOf } from './rules.js';

/** The schema of a step's rows, with the options that say how it is used. */
export interface PlacedSchema {
  readonly path: Finding['path'];
  readonly outputSchema: Json;
  readonly format: 'json' | 'csv';
  readonly records?: string;
}

/**
 * Judges a schema as a run does; undefined where it can be used. Whoever reads a file hands it in: a leaf knows of no other.
 */
export type SchemaCheck = (schema: PlacedSchema) => Promise<Pick<Finding, 'path' | 'message'> | undefined>;

/**
 * The schemas that are written out in the steps of a pipeline, also of pipelines within it. References in them are filled in
 * as far as the parameters tell; a schema of which that is not all is left out.
 */
export function outputSchemasIn(
  pipeline: unknown,
  params: Readonly<Record<string, unknown>> = {},
  within: Finding['path'] = [],
): readonly PlacedSchema[] {
  const { params: declared, steps } = objectOf(pipeline);
  const values = { ...defaultsOf(declared), ...params };
  return Object.entries(objectOf(steps)).flatMap(([name, step]): readonly PlacedSchema[] => {
    const { task, format, records, pipeline: inner, params: given } = objectOf(step);
    const path = [...within, 'steps', name];
    if (isObject(inner)) return outputSchemasIn(inner, withoutReferences(objectOf(given)), [...path, 'pipeline']);
    const written = objectOf(task)['output_schema'];
    const outputSchema = isObject(written) ? filledIn(written, values) : undefined;
    if (outputSchema === undefined) return [];
    return [
      {
        path: [...path, 'task', 'output_schema'],
        outputSchema,
        format: format === 'csv' ? 'csv' : 'json',
        ...(typeof records === 'string' ? { records } : {}),
      },
    ];
  });
}

/** Every schema that cannot be used, with its place. */
export async function unusableSchemas(
  schemas: readonly PlacedSchema[],
  check: SchemaCheck,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const schema of schemas) {
    const fault = await check(schema);
    if (fault) findings.push({ path: [...schema.path, ...fault.path], message: fault.message });
  }
  return findings;
}

function filledIn(schema: unknown, params: Readonly<Record<string, unknown>>): Json | undefined {
  const names = referencesIn(JSON.stringify(schema));
  if (!names.every((name) => name.startsWith('params.') && params[name.slice('params.'.length)] !== undefined)) {
    return undefined;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what YAML and JSON hold is JSON
  return resolveReferences(schema, { params: params as Readonly<Record<string, Json>>, run: { key: '' } }) as Json;
}

function defaultsOf(declared: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(objectOf(declared)).flatMap(([name, param]) => {
      const { default: value } = objectOf(param);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function withoutReferences(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      referencesIn(JSON.stringify(value)).length > 0 ? undefined : value,
    ]),
  );
}
