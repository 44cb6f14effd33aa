import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import { cutTo } from '../domain/foreign-text.js';
import { lookUp } from './local-reference.js';
import { createRenamer, foldName } from './loose-names.js';
import { rowSchema } from './row-schema.js';

/** The names that a schema knows for the properties of a row. */
export interface RowNames {
  /** Names of the schema's own properties, in order. */
  readonly properties: readonly string[];
  /** Whether names that differ only as {@link foldName} says are taken for the schema's: where texts are coerced. */
  readonly areLoose: boolean;
  has(name: string): boolean;
  /** Whether it is one, or may be taken for one. */
  isLike(name: string): boolean;
}

/**
 * Finds the names of a row's properties, also those that only a branch of the schema names.
 *
 * @returns undefined where the schema names no properties, or allows others by a pattern: any object may be a row then
 */
export function rowNames(
  outputSchema: Json | undefined,
  records: string | undefined,
  coerce: boolean,
): RowNames | undefined {
  const { schema, properties } = rowSchema(outputSchema, records);
  if (outputSchema === undefined || !schema || properties.length === 0) return undefined;
  const names = allNames(outputSchema, schema);
  // A pattern may take for ever to be tried.
  if (names === undefined) return undefined;
  const folds = new Set(properties.map(foldName));
  const has = (name: string): boolean => names.has(name);
  return { properties, areLoose: coerce, has, isLike: (name) => has(name) || (coerce && folds.has(foldName(name))) };
}

/** Says that a record has no property of the schema; undefined = it has one. */
export function foreignRecord(found: Iterable<string>, names: RowNames): string | undefined {
  const own = [...found];
  if (own.some((name) => names.has(name))) return undefined;
  const has = own.length === 0 ? 'it is empty' : `it has: ${listNames(own)}`;
  return `has none of the schema's properties; ${has}; the schema has: ${listNames(names.properties)}${cureOf(own, names)}`;
}

/** Says that CSV has no column of the schema; undefined = it has one. */
export function foreignHeader(row: string, header: readonly string[], names: RowNames | undefined): string | undefined {
  if (names === undefined || row === '' || header.some((name) => names.isLike(name))) return undefined;
  return `the CSV has no rows, and none of the schema's properties in its header; the header has: ${listNames(header)}; the schema has: ${listNames(names.properties)}`;
}

/** Lists some names so that they can be printed, however long and many they are. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).map((name) => cutTo(LONGEST_SHOWN, JSON.stringify(name).slice(1, -1)));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function cureOf(own: readonly string[], { properties, areLoose }: RowNames): string {
  if (areLoose) return '';
  const renamed = createRenamer(properties)(`{${own.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
  return renamed === undefined ? '' : '; `coerce: true` takes names that differ only in case, blanks and underscores';
}

const MOST_SHOWN = 10;
const LONGEST_SHOWN = 60;
const DEEPEST = 32;
/** Keywords whose schemas speak of the same object. */
const BRANCHES = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else'];

/** Undefined: there are patterns, too. */
function allNames(root: Json, schema: JsonObject): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  const read = new Set<JsonObject>();
  let hasPatterns = false;

  function collect(current: JsonObject, depth: number): void {
    if (depth > DEEPEST || read.has(current)) return;
    read.add(current);
    const { properties, required, patternProperties, dependentSchemas, $ref } = current;
    hasPatterns ||= isJsonObject(patternProperties) && Object.keys(patternProperties).length > 0;
    for (const name of isJsonObject(properties) ? Object.keys(properties) : []) names.add(name);
    for (const name of Array.isArray(required) ? (required as readonly Json[]) : []) {
      if (typeof name === 'string') names.add(name);
    }
    const referred = typeof $ref === 'string' ? lookUp(root, $ref)?.schema : undefined;
    const dependent = isJsonObject(dependentSchemas) ? Object.values(dependentSchemas) : [];
    for (const other of [referred, ...dependent, ...BRANCHES.flatMap((keyword) => current[keyword])]) {
      if (isJsonObject(other)) collect(other, depth + 1);
    }
  }

  collect(schema, 0);
  return hasPatterns ? undefined : names;
}
