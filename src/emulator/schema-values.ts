import { booleanField, isIdentity } from './product-fields.js';
import type { RowContext } from './product.js';
import { isJsonObject, type Json, type JsonObject } from './json.js';
import { plainSchema } from './plain-schema.js';
import { numberMaker, textMaker } from './scalar-values.js';

type Maker = (row: RowContext) => Json;

/** How often a field that may be null is null. */
const NULL_SHARE = 0.1;
/** Deeper than this only what is required is made, so that a schema which refers to itself comes to an end. */
const DEEP = 6;
const TOO_DEEP = 30;

/**
 * Turns a JSON Schema into a function that makes values which satisfy it. Understood: type (also as a list, with null),
 * properties, required, items, enum, const, format, limits of numbers, lengths of texts and arrays, anyOf and oneOf
 * (their first branch), allOf, local $ref. Not: pattern, multipleOf, uniqueItems, not, if.
 *
 * @param name the field's name, which decides what a plausible value looks like
 * @param root the document in which `$ref` is looked up
 */
export function makerOf(schema: Json | undefined, name: string, root: Json, depth = 0): Maker {
  if (depth > TOO_DEEP) return () => null;
  const { schema: plain, nullable } = plainSchema(schema, root);
  const { const: constant, enum: choices } = plain;
  if (constant !== undefined) return () => constant;
  if (Array.isArray(choices)) return choiceMaker(choices);
  const maker = typedMaker(plain, name, root, depth);
  if (!nullable || isIdentity(name)) return maker;
  return (row) => (row.random.chance(NULL_SHARE) ? null : maker(row));
}

function choiceMaker(choices: readonly Json[]): Maker {
  const [first = null, ...others] = choices;
  return ({ random }) => random.pick([first, ...others]);
}

function typedMaker(schema: JsonObject, name: string, root: Json, depth: number): Maker {
  const { type } = schema;
  switch (typeof type === 'string' ? type : 'string') {
    case 'object':
      return objectMaker(schema, root, depth);
    case 'array':
      return arrayMaker(schema, name, root, depth);
    case 'integer':
    case 'number':
      return numberMaker(schema, name);
    case 'boolean':
      return booleanMaker(name);
    case 'null':
      return () => null;
    default:
      return textMaker(schema, name);
  }
}

function objectMaker(schema: JsonObject, root: Json, depth: number): Maker {
  const required = requiredOf(schema);
  const fields = propertiesOf(schema)
    .filter(([name]) => depth < DEEP || required.includes(name))
    .map(([name, property]) => [name, makerOf(property, name, root, depth + 1)] as const);
  return (row) => {
    const made: Record<string, Json> = {};
    for (const [name, make] of fields) made[name] = make(row);
    return made;
  };
}

/** Properties in the schema's order; one that is only required is a text. */
export function propertiesOf(schema: JsonObject): [string, Json][] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const others = requiredOf(schema).filter((name) => !Object.hasOwn(properties, name));
  return [...Object.entries(properties), ...others.map((name): [string, Json] => [name, {}])];
}

function requiredOf(schema: JsonObject): string[] {
  const { required } = schema;
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function arrayMaker(schema: JsonObject, name: string, root: Json, depth: number): Maker {
  const { minItems, maxItems, items } = schema;
  const min = typeof minItems === 'number' ? minItems : depth < DEEP ? 1 : 0;
  const most = depth < DEEP ? Math.max(min, 3) : min;
  const max = typeof maxItems === 'number' ? Math.min(maxItems, most) : most;
  // "images" holds what "image" holds.
  const make = makerOf(items, name.replace(/s$/, ''), root, depth + 1);
  return (row) => {
    const items = Array.from({ length: row.random.integer(Math.min(min, max), max) }, () => make(row));
    const distinct = [...new Set(items)];
    return distinct.length < min ? items : distinct;
  };
}

function booleanMaker(name: string): Maker {
  const field = booleanField(name);
  return field ? ({ product }) => field(product) : ({ random }) => random.chance(0.5);
}
