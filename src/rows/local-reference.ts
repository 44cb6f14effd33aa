import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';

/** A place in a schema: `pointer` is its JSON Pointer from the root, as in the fragment of a `$ref`. */
export interface SchemaPlace {
  readonly schema: JsonObject;
  readonly pointer: string;
}

/** A chain of references longer than this is a circle. */
const LONGEST_CHAIN = 32;

/** Follows `$ref`s within the document to where something stands; undefined = that is not in this document. */
export function resolvePlace(root: Json, place: SchemaPlace): SchemaPlace | undefined {
  let current: SchemaPlace | undefined = place;
  for (let step = 0; current && step < LONGEST_CHAIN; step += 1) {
    const { $ref } = current.schema;
    if (typeof $ref !== 'string') return current;
    current = lookUp(root, $ref);
  }
  return undefined;
}

/** Where a reference such as `#/definitions/product` points to. */
export function lookUp(root: Json, reference: string): SchemaPlace | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let found: Json | undefined = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    found = memberOf(found, unescape(part));
  }
  return isJsonObject(found) ? { schema: found, pointer: reference.slice(1) } : undefined;
}

export function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
  return Reflect.get(value, name) as Json;
}

/** One step of a JSON Pointer in a URI fragment. */
export function pointerStep(name: string): string {
  return `/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}

function unescape(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return part;
  }
}
