import { isJsonObject, type Json, type JsonObject } from './json.js';

/** A schema without references and alternatives, its `type` one word, or missing where nothing tells it. */
export interface PlainSchema {
  readonly schema: JsonObject;
  readonly nullable: boolean;
}

/** A chain of references longer than this is a circle. */
const LONGEST_CHAIN = 20;

/** Follows local `$ref`s, takes the first branch that is not null of anyOf and oneOf, and merges allOf. */
export function plainSchema(schema: Json | undefined, root: Json, chain = 0): PlainSchema {
  if (!isJsonObject(schema) || chain > LONGEST_CHAIN) return { schema: {}, nullable: false };
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  if (typeof $ref === 'string') return plainSchema(merge(own, lookUp($ref, root)), root, chain + 1);
  if (Array.isArray(allOf)) {
    const parts = allOf.map((part: Json) => plainSchema(part, root, chain + 1).schema);
    return plainSchema([own, ...parts].reduce(merge), root, chain + 1);
  }
  const branches = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(branches)) {
    const chosen = branches.find((branch: Json) => !isNullSchema(branch));
    const plain = plainSchema(merge(own, isJsonObject(chosen) ? chosen : {}), root, chain + 1);
    return { ...plain, nullable: plain.nullable || branches.some(isNullSchema) };
  }
  return withOneType(own);
}

function withOneType(schema: JsonObject): PlainSchema {
  const types = [schema['type']].flat().filter((type) => typeof type === 'string');
  const type = types.find((name) => name !== 'null') ?? types[0] ?? impliedType(schema);
  const nullable = (types.includes('null') && type !== 'null') || schema['nullable'] === true;
  return { schema: type === undefined ? schema : { ...schema, type }, nullable };
}

function impliedType(schema: JsonObject): string | undefined {
  if (schema['properties'] || schema['required']) return 'object';
  return schema['items'] ? 'array' : undefined;
}

function isNullSchema(schema: Json): boolean {
  return isJsonObject(schema) && (schema['type'] === 'null' || schema['const'] === null);
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const { properties: ours, required: needed } = left;
  const { properties: theirs, required: alsoNeeded } = right;
  return {
    ...left,
    ...right,
    ...(isJsonObject(ours) && isJsonObject(theirs) ? { properties: { ...ours, ...theirs } } : {}),
    ...(Array.isArray(needed) && Array.isArray(alsoNeeded) ? { required: [...needed, ...alsoNeeded] } : {}),
  };
}

function lookUp(reference: string, root: Json): JsonObject {
  if (!reference.startsWith('#')) return {};
  let found: Json | undefined = root;
  for (const key of reference.slice(1).split('/').slice(1)) {
    if (!isJsonObject(found)) return {};
    found = found[decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return isJsonObject(found) ? found : {};
}
