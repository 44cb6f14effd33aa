import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { lookUp, memberOf, pointerStep, resolvePlace, type SchemaPlace } from './local-reference.js';
import { WRAPPER_KEYS } from './wrapper-keys.js';

/** What an `output_schema` says of one row. */
export interface RowSchema {
  /** Schema of one row; undefined = it says nothing of rows. */
  readonly schema: JsonObject | undefined;
  /** Where it stands in the `output_schema`, as a JSON Pointer: its `$ref`s are looked up from the root. */
  readonly pointer: string;
  /** Names of a row's properties, in order. */
  readonly properties: readonly string[];
  /**
   * Keys that belong to a row, so that an array under one of them is a value and not the records. None where the schema
   * itself says that there are many rows.
   */
  readonly rowKeys: ReadonlySet<string>;
}

/**
 * Finds the schema of one row: where `records` leads to, the items of an array, the items of the array under `data`,
 * `items`, `results`, `records` or `rows` if that is the schema's only property, else the whole.
 *
 * @param records the path of the rows in the document, if it was given
 */
export function rowSchema(outputSchema: Json | undefined, records?: string): RowSchema {
  if (outputSchema === undefined || !isJsonObject(outputSchema)) return describe(outputSchema ?? {}, undefined, false);
  const root = resolvePlace(outputSchema, { schema: outputSchema, pointer: '' });
  const list = root && listPlace(outputSchema, root, records);
  if (!list) return describe(outputSchema, root, false);
  const { items } = list.schema;
  const rows = isJsonObject(items) ? { schema: items, pointer: `${list.pointer}/items` } : undefined;
  return describe(outputSchema, rows && resolvePlace(outputSchema, rows), true);
}

/** Properties of an object schema with their schemas, those of its `$ref` and `allOf` among them. */
export function propertiesOf(root: Json, schema: JsonObject): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  // Each schema is read once: they may refer to one another in more ways than can be walked.
  const read = new Set<JsonObject>();
  collect(schema, 0);
  return found;

  function collect(current: JsonObject, depth: number): void {
    if (depth > DEEPEST || read.has(current)) return;
    read.add(current);
    const { properties, allOf, $ref } = current;
    if (isJsonObject(properties)) {
      for (const [name, property] of Object.entries(properties)) {
        if (property === undefined) continue;
        const before = found.get(name);
        found.set(name, before === undefined ? property : { allOf: [before, property] });
      }
    }
    for (const other of Array.isArray(allOf) ? (allOf as readonly Json[]) : []) {
      if (isJsonObject(other)) collect(other, depth + 1);
    }
    const referred = typeof $ref === 'string' ? lookUp(root, $ref)?.schema : undefined;
    if (referred) collect(referred, depth + 1);
  }
}

const DEEPEST = 32;

function describe(root: Json, place: SchemaPlace | undefined, isList: boolean): RowSchema {
  const properties = place ? [...propertiesOf(root, place.schema).keys()] : [];
  return {
    schema: place?.schema,
    pointer: place?.pointer ?? '',
    properties,
    rowKeys: new Set(isList ? [] : properties),
  };
}

/** Where the schema speaks of the array of rows; undefined = it does not. */
function listPlace(outputSchema: Json, root: SchemaPlace, records: string | undefined): SchemaPlace | undefined {
  if (isArray(root.schema)) return root;
  const path = records?.split('.') ?? wrapperOf(root.schema);
  let place: SchemaPlace | undefined = root;
  for (const key of path) {
    const property = memberOf(memberOf(place?.schema, 'properties'), key);
    const pointer: string = `${place?.pointer}/properties${pointerStep(key)}`;
    place = isJsonObject(property) ? resolvePlace(outputSchema, { schema: property, pointer }) : undefined;
  }
  return place && isArray(place.schema) ? place : undefined;
}

/** The only property, if it may be the one that holds the rows. */
function wrapperOf({ properties }: JsonObject): readonly string[] {
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  return names.length === 1 ? names.filter((name) => WRAPPER_KEYS.has(name)) : [];
}

function isArray({ type, items }: JsonObject): boolean {
  if (type === undefined) return items !== undefined;
  return type === 'array' || (Array.isArray(type) && type.includes('array'));
}
