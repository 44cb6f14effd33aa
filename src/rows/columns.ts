import { isJsonObject, type Json, type JsonObject } from '../domain/json.js';
import type { Column, ColumnType } from '../domain/rows.js';
import { DocumentError } from './document-error.js';
import { lookUp } from './local-reference.js';
import { propertiesOf, rowSchema } from './row-schema.js';

/** A column with what its schema says beyond the type. */
export interface SchemaColumn extends Column {
  readonly mayBeNull: boolean;
  /** Objects and arrays only: a string in their place may be the JSON text of one. */
  readonly isNested: boolean;
}

/** Names that start like this are titanflow's own. */
export const RESERVED_PREFIX = '_titan_';

/**
 * The columns that rows have by their task's `output_schema`; undefined = it names none, so the rows themselves tell.
 *
 * @param records the path of the rows in the document, if it was given
 * @throws DocumentError `unusable` for a reserved name
 */
export function schemaColumns(outputSchema: Json | undefined, records?: string): readonly Column[] | undefined {
  return describeColumns(outputSchema, records)?.map(({ name, type }) => ({ name, type }));
}

/** Like {@link schemaColumns}, with what else matters for reading a value. */
export function describeColumns(outputSchema: Json | undefined, records?: string): readonly SchemaColumn[] | undefined {
  const { schema, properties } = rowSchema(outputSchema, records);
  if (outputSchema === undefined || !schema || properties.length === 0) return undefined;
  const reserved = properties.find((name) => name.startsWith(RESERVED_PREFIX));
  if (reserved !== undefined) {
    const message = `the output_schema has the property ${JSON.stringify(reserved)}: names that start with ${RESERVED_PREFIX} are reserved`;
    throw new DocumentError('unusable', message);
  }
  const kindsOf = createKindTeller(outputSchema);
  return [...propertiesOf(outputSchema, schema)].map(([name, property]) => {
    const kinds = kindsOf(property);
    return { name, type: columnType(kinds), mayBeNull: !kinds || kinds.has('null'), isNested: isNested(kinds) };
  });
}

type Kind = Exclude<ColumnType, 'jsonb'> | 'nested' | 'null';

function columnType(kinds: ReadonlySet<Kind> | undefined): ColumnType {
  if (!kinds) return 'jsonb';
  const [only = 'text', ...others] = [...kinds].filter((kind) => kind !== 'null');
  if (others.length === 0) return only === 'nested' ? 'jsonb' : only;
  const areAll = (...allowed: readonly Kind[]): boolean => [only, ...others].every((kind) => allowed.includes(kind));
  if (areAll('bigint', 'numeric')) return 'numeric';
  return areAll('text', 'timestamptz') ? 'text' : 'jsonb';
}

function isNested(kinds: ReadonlySet<Kind> | undefined): boolean {
  return kinds !== undefined && kinds.has('nested') && [...kinds].every((kind) => kind === 'nested' || kind === 'null');
}

/** Tells which kinds of values a schema allows; undefined = any. */
type KindTeller = (schema: Json) => ReadonlySet<Kind> | undefined;

/** Creates a function that tells kinds. Of several constraints one that tells is enough. */
function createKindTeller(root: Json): KindTeller {
  // Each schema is looked at once: they may refer to one another in more ways than can be walked, and in circles.
  const known = new Map<Json, ReadonlySet<Kind> | undefined>();
  let depth = 0;

  function tell(schema: Json): ReadonlySet<Kind> | undefined {
    if (!isJsonObject(schema) || known.has(schema)) return known.get(schema);
    known.set(schema, undefined);
    if (depth > DEEPEST) return undefined;
    depth += 1;
    const kinds = kindsOfTypes(schema) ?? kindsOfChoices(schema) ?? kindsOfOthers(schema);
    depth -= 1;
    known.set(schema, kinds);
    return kinds;
  }

  function kindsOfOthers({ $ref, allOf, anyOf, oneOf }: JsonObject): ReadonlySet<Kind> | undefined {
    const constraints = [
      ...(typeof $ref === 'string' ? [lookUp(root, $ref)?.schema ?? {}] : []),
      ...(Array.isArray(allOf) ? (allOf as readonly Json[]) : []),
    ];
    for (const constraint of constraints) {
      const kinds = tell(constraint);
      if (kinds) return kinds;
    }
    for (const branches of [anyOf, oneOf]) {
      const kinds = Array.isArray(branches) ? unionOf(branches) : undefined;
      if (kinds) return kinds;
    }
    return undefined;
  }

  function unionOf(branches: readonly Json[]): ReadonlySet<Kind> | undefined {
    const all = branches.map(tell);
    return all.length > 0 && all.every((kinds) => kinds !== undefined)
      ? new Set(all.flatMap((kinds) => [...kinds]))
      : undefined;
  }

  return tell;
}

/** Deepest nesting that surely fits on the stack. */
const DEEPEST = 500;

function kindsOfTypes({ type, format, nullable }: JsonObject): ReadonlySet<Kind> | undefined {
  if (type === undefined) return undefined;
  const names: readonly unknown[] = Array.isArray(type) ? type : [type];
  return new Set([...names.map((name) => kindOfType(name, format)), ...(nullable === true ? ['null' as const] : [])]);
}

function kindOfType(type: unknown, format: Json | undefined): Kind {
  switch (type) {
    case 'string':
      return format === 'date-time' ? 'timestamptz' : 'text';
    case 'integer':
      return 'bigint';
    case 'number':
      return 'numeric';
    case 'boolean':
    case 'null':
      return type;
    default:
      return 'nested';
  }
}

/** Only choices among strings tell a type: numbers in an enum may be whole today and not tomorrow. */
function kindsOfChoices(schema: JsonObject): ReadonlySet<Kind> | undefined {
  const choices = Array.isArray(schema['enum']) ? (schema['enum'] as readonly Json[]) : constantOf(schema);
  const areTexts = choices.some((choice) => typeof choice === 'string');
  if (!areTexts || !choices.every((choice) => typeof choice === 'string' || choice === null)) return undefined;
  return new Set(choices.map((choice) => (choice === null ? 'null' : 'text')));
}

function constantOf(schema: JsonObject): readonly Json[] {
  return schema['const'] === undefined ? [] : [schema['const']];
}
