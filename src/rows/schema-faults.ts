import type { ErrorObject } from 'ajv';
import type { Json, JsonObject } from '../domain/json.js';
import { memberOf } from './local-reference.js';
import type { SchemaFault } from './schema-error.js';

/** Says what is wrong with a schema in the words of whoever has written it, from what its meta-schema says. */
export function faultOfSchema(schema: JsonObject, errors: readonly ErrorObject[]): SchemaFault {
  const depth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;
  // The error that lies deepest is what is wrong; those around it follow from it.
  const [deepest] = errors.toSorted((a, b) => depth(b) - depth(a));
  if (!deepest) return { path: [], message: 'is not valid' };
  const path = pathOf(schema, deepest.instancePath);
  const value = valueAt(schema, path);
  const named = keywordFault(path, value, valueAt(schema, path.slice(0, -1)));
  return { path, message: named ?? deepest.message ?? 'is not valid' };
}

/** The place of a pattern; empty: it is nowhere. */
export function placeOfPattern(schema: Json, source: string): SchemaFault['path'] {
  const asValue = placeOf(schema, (at) => (memberOf(at, 'pattern') === source ? 'pattern' : undefined));
  if (asValue.length > 0) return asValue;
  const around = placeOf(schema, (at) =>
    memberOf(memberOf(at, 'patternProperties'), source) === undefined ? undefined : 'patternProperties',
  );
  return around.length > 0 ? [...around, source] : [];
}

/** The first place in a schema of which `keyAt` names a key; empty: it never does. */
export function placeOf(
  at: Json | undefined,
  keyAt: (at: Json) => string | undefined,
  path: SchemaFault['path'] = [],
): SchemaFault['path'] {
  if (typeof at !== 'object' || at === null) return [];
  const key = keyAt(at);
  if (key !== undefined) return [...path, key];
  for (const [name, item] of Object.entries(at)) {
    const found = placeOf(item, keyAt, [...path, Array.isArray(at) ? Number(name) : name]);
    if (found.length > 0) return found;
  }
  return [];
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const MEANT: ReadonlyMap<string, string> = new Map([
  ...['float', 'double', 'decimal', 'numeric', 'real', 'money'].map((word) => [word, 'number'] as const),
  ...['int', 'int32', 'int64', 'long', 'bigint', 'short'].map((word) => [word, 'integer'] as const),
  ...['str', 'text', 'varchar', 'char', 'uuid', 'url', 'date', 'datetime', 'timestamp'].map(
    (word) => [word, 'string'] as const,
  ),
  ['bool', 'boolean'],
  ...['list', 'tuple', 'set'].map((word) => [word, 'array'] as const),
  ...['dict', 'map', 'mapping', 'struct', 'record'].map((word) => [word, 'object'] as const),
  ...['none', 'nil'].map((word) => [word, 'null'] as const),
]);

function keywordFault(
  path: SchemaFault['path'],
  value: Json | undefined,
  around: Json | undefined,
): string | undefined {
  const keyword = path.findLast((part) => typeof part === 'string');
  if (keyword === 'type' && typeof value === 'string') {
    const lower = value.toLowerCase();
    const meant = MEANT.get(lower) ?? TYPES.find((type) => type === lower);
    const cure = meant === undefined ? `, it can be ${TYPES.join(', ')}` : `, did you mean ${JSON.stringify(meant)}?`;
    return `there is no type ${JSON.stringify(value)}${cure}`;
  }
  if ((keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') && typeof value === 'boolean') {
    const plain = keyword === 'exclusiveMinimum' ? 'minimum' : 'maximum';
    const limit = memberOf(around, plain);
    const shown = limit === undefined ? 'a number' : JSON.stringify(limit);
    const cure = value
      ? `write "${keyword}": ${shown} in place of "${plain}"`
      : `leave it out, "${plain}" alone means the same`;
    return `true or false as "${keyword}" is of draft-04: ${cure}`;
  }
  if (keyword === 'required' && typeof value === 'boolean') {
    return 'true or false as "required" is of draft-03: list the names of required properties beside "properties"';
  }
  return undefined;
}

/** The keys of a JSON Pointer; a number where a list is. */
function pathOf(schema: Json, pointer: string): SchemaFault['path'] {
  const path: (string | number)[] = [];
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(valueAt(schema, path)) ? Number(key) : key);
  }
  return path;
}

function valueAt(root: Json, path: SchemaFault['path']): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => memberOf(value, String(key)), root);
}
