import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { lookUp, memberOf } from './local-reference.js';
import { PLAIN_DAY, PLAIN_EMAIL, PLAIN_MOMENT, PLAIN_URI, PLAIN_UUID } from './plain-texts.js';

/** White space that may stand between values: none of it ends a line where a line is a record. */
export const BLANK = String.raw`[ \t\r\n]*`;
export const BLANK_IN_LINE = String.raw`[ \t\r]*`;

export interface PatternOptions {
  /** Where `$ref`s are looked up. */
  readonly root: Json;
  readonly blank: string;
  /** Objects have their members in the order that they have here. Default: in the schema's. */
  readonly sample?: Json | undefined;
  /**
   * A group for each member, see {@link memberOrder}. Within its value stand no line breaks and tabs then, and a number may
   * have more digits than a double: it is handed on as it stands.
   */
  readonly withGroups?: boolean;
}

/**
 * The source of a regular expression for JSON texts, read byte by byte as Latin-1, that a schema surely allows, and of which
 * any reader of JSON makes the same: see plain-cell.ts. Other texts may be as good; what matches needs no second look.
 *
 * @returns undefined where the schema says what a pattern cannot tell
 */
export function plainPattern(schema: Json, options: PatternOptions): string | undefined {
  const { root, sample, withGroups = false } = options;
  const number = withGroups ? LONG_NUMBER : NUMBER;
  let spent = 0;
  const source = patternOf(schema, sample, 0);
  return source === undefined || source.length > LONGEST_SOURCE ? undefined : source;

  /** Schemas may refer to one another in more ways than can be written out. */
  function patternOf(schema: Json | undefined, sample: Json | undefined, depth: number): string | undefined {
    spent += COST_OF_PART;
    if (spent > MOST_SPENT) return undefined;
    const source = sourceOf(schema, sample, depth);
    spent += source?.length ?? 0;
    return source;
  }

  function sourceOf(schema: Json | undefined, sample: Json | undefined, depth: number): string | undefined {
    if (schema === true) return anything(DEPTH_OF_ANYTHING);
    if (!isJsonObject(schema) || depth > DEEPEST) return undefined;
    const keywords = Object.keys(schema).filter((keyword) => !ANNOTATIONS.has(keyword));
    const { $ref, type, format } = schema;
    if (typeof $ref === 'string') {
      return keywords.length === 1 ? patternOf(lookUp(root, $ref)?.schema, sample, depth + 1) : undefined;
    }
    if (!keywords.every((keyword) => ASSERTIONS.has(keyword))) return undefined;
    if (schema['enum'] !== undefined) return choices(schema);
    if (type === undefined) {
      const implied = impliedType(schema);
      if (implied !== undefined) return ofType(implied, schema, sample, depth);
      return format === undefined ? anything(DEPTH_OF_ANYTHING) : undefined;
    }
    return oneOf(distinctTypes(type).map((each) => ofType(each, schema, sample, depth)));
  }

  function ofType(type: Json, schema: JsonObject, sample: Json | undefined, depth: number): string | undefined {
    const { format } = schema;
    switch (type) {
      case 'string':
        if (format === undefined) return TEXT;
        return typeof format === 'string' ? FORMATS.get(format) : undefined;
      case 'integer':
        return format === undefined ? WHOLE_NUMBER : undefined;
      case 'number':
        return format === undefined ? number : undefined;
      case 'boolean':
        return 'true|false';
      case 'null':
        return 'null';
      case 'array':
        return mapped(patternOf(schema['items'] ?? true, memberOf(sample, '0'), depth + 1), arrayOf);
      case 'object':
        return objectOf(schema, sample, depth);
      default:
        return undefined;
    }
  }

  function objectOf(schema: JsonObject, sample: Json | undefined, depth: number): string | undefined {
    const { properties = {}, required = [], additionalProperties = true } = schema;
    if (!isJsonObject(properties) || !Array.isArray(required) || typeof additionalProperties !== 'boolean')
      return undefined;
    const order = memberOrder(schema, sample);
    if (!required.every((name) => typeof name === 'string' && order.includes(name))) return undefined;
    if (order.length === 0 && additionalProperties) return anyObject(DEPTH_OF_ANYTHING);
    if (order.length > MOST_MEMBERS) return undefined;
    const members = order.map((name) => {
      const key = literal(name);
      const value = patternOf(properties[name], memberOf(sample, name), depth + 1);
      if (key === undefined || value === undefined) return undefined;
      return `(?:${member(key, value, depth)})${required.includes(name) ? '' : '?'}`;
    });
    if (!members.every((each) => each !== undefined)) return undefined;
    // Nothing but the schema's properties matches, and a row has one of them at least.
    return braces(`${depth === 0 ? String.raw`(?!\})` : ''}${members.join('')}`, depth);
  }

  function anything(depth: number): string {
    const scalars = `${TEXT}|${number}|true|false|null`;
    return depth === 0 ? scalars : `${scalars}|${arrayOf(anything(depth - 1))}|${anyObject(depth)}`;
  }

  function anyObject(depth: number): string {
    return braces(`(?:${member(TEXT, anything(depth - 1), INNER)})*`, INNER);
  }

  function arrayOf(item: string): string {
    const blank = blankAt(INNER);
    return String.raw`\[${blank}(?:(?:${item})${blank}(?:,${blank}(?!\])|(?=\])))*\]`;
  }

  function member(key: string, value: string, depth: number): string {
    const blank = blankAt(depth);
    const group = withGroups && depth === 0 ? '(' : '(?:';
    return String.raw`${key}${blank}:${blank}${group}${value})${blank}(?:,${blank}(?!\})|(?=\}))`;
  }

  function braces(members: string, depth: number): string {
    return String.raw`\{${blankAt(depth)}${members}\}`;
  }

  function blankAt(depth: number): string {
    return withGroups && depth > 0 ? ' *' : options.blank;
  }
}

/** The names of an object's members, in the order in which a pattern takes them. */
export function memberOrder({ properties = {} }: JsonObject, sample: Json | undefined): readonly string[] {
  if (!isJsonObject(properties)) return [];
  const known =
    sample !== undefined && isJsonObject(sample)
      ? Object.keys(sample).filter((name) => Object.hasOwn(properties, name))
      : [];
  return [...new Set([...known, ...Object.keys(properties)])];
}

function impliedType({ properties, required, additionalProperties, items }: JsonObject): string | undefined {
  if (properties !== undefined || required !== undefined || additionalProperties !== undefined) return 'object';
  return items === undefined ? undefined : 'array';
}

/**
 * Types of which no two have a value in common. A text that could match in two ways would be tried in both, and a list of
 * them in 2^n.
 */
function distinctTypes(type: Json): readonly Json[] {
  const types = new Set<Json>(Array.isArray(type) ? type : [type]);
  if (types.has('number')) types.delete('integer');
  return [...types];
}

function choices(schema: JsonObject): string | undefined {
  const { enum: all, type = 'string', format } = schema;
  const mayBeText = type === 'string' || (Array.isArray(type) && type.includes('string'));
  if (!Array.isArray(all) || !mayBeText || format !== undefined) return undefined;
  // None of them twice: see distinctTypes.
  const texts = [...new Set(all.filter((choice) => typeof choice === 'string'))];
  return texts.length === 0 ? undefined : oneOf(texts.map(literal));
}

function mapped(pattern: string | undefined, map: (pattern: string) => string): string | undefined {
  return pattern === undefined ? undefined : map(pattern);
}

function oneOf(patterns: readonly (string | undefined)[]): string | undefined {
  return patterns.every((pattern) => pattern !== undefined) ? patterns.join('|') : undefined;
}

/** A text as it stands between quotes; undefined = it can be written in several ways. */
function literal(text: string): string | undefined {
  const quoted = JSON.stringify(text);
  if (quoted.includes('\\')) return undefined;
  return Buffer.from(quoted)
    .toString('latin1')
    .replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`);
}

const DEEPEST = 16;
const DEPTH_OF_ANYTHING = 3;
/** Any depth below a row's own members. */
const INNER = 1;
/** V8 takes some microseconds for each character, on the main thread. */
const LONGEST_SOURCE = 60_000;
/** Most characters of all parts; a part within another one is counted again. */
const MOST_SPENT = 50 * LONGEST_SOURCE;
const COST_OF_PART = 100;
/** A text that does not match takes time by their square: of each that may be missing, all behind it are tried. */
const MOST_MEMBERS = 100;
const ANNOTATIONS = new Set([
  '$comment',
  '$defs',
  '$schema',
  'default',
  'definitions',
  'deprecated',
  'description',
  'examples',
  'readOnly',
  'title',
  'writeOnly',
]);
const ASSERTIONS = new Set(['additionalProperties', 'enum', 'format', 'items', 'properties', 'required', 'type']);

const TEXT = String.raw`"[^"\\\x00-\x1f]*"`;
/** With at most so many digits that a double has them all. */
const NUMBER = String.raw`-?(?=[\d.]{1,15}[^\d.])(?:0|[1-9]\d*)(?:\.\d+)?`;
const LONG_NUMBER = String.raw`-?(?=[\d.]{1,100}[^\d.])(?:0|[1-9]\d*)(?:\.\d+)?`;
const WHOLE_NUMBER = String.raw`-?(?:0|[1-9]\d{0,14})`;
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['media', TEXT],
  ['date', `"${PLAIN_DAY}"`],
  ['date-time', `"${PLAIN_MOMENT}"`],
  ['email', `"${PLAIN_EMAIL}"`],
  ['uri', `"${PLAIN_URI}"`],
  ['uuid', `"${PLAIN_UUID}"`],
]);
