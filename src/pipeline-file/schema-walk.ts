import { z } from 'zod';
import { quote } from './nearest.js';
import type { Finding } from './problems.js';

export type Path = Finding['path'];

/** A schema beside a value that it was tried on. */
export interface Subject {
  readonly schema: z.core.$ZodType;
  /** What messages may quote of the value. */
  readonly shown: unknown;
}

/** The schemas that may stand at a path: several behind a union. Keys that a schema only lets through have none. */
export function schemasAt({ schema, shown }: Subject, path: Path): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) {
    return branches(schema, shown).flatMap((branch) => schemasAt({ schema: branch, shown }, path));
  }
  if (schema instanceof z.ZodExactOptional) return schemasAt({ schema: schema.unwrap(), shown }, path);
  const [head, ...rest] = path;
  if (head === undefined) return [schema];
  const inner = childOf(schema, head);
  return inner === undefined ? [] : schemasAt({ schema: inner, shown: valueAt(shown, [head]) }, rest);
}

/** The values that are allowed at a path, where they can be listed. */
export function choicesAt(path: Path, subject: Subject): readonly string[] {
  return schemasAt(subject, path).flatMap((schema) => {
    if (schema instanceof z.ZodLiteral) return Array.from(schema.values, (value) => quote(String(value)));
    return schema instanceof z.ZodEnum ? schema.options.map((value) => quote(String(value))) : [];
  });
}

/** The keys that a schema knows, if it refuses others. */
export function knownKeys(schema: z.core.$ZodType): readonly string[] {
  if (schema instanceof z.ZodLazy) return knownKeys(schema.unwrap());
  const isStrict = schema instanceof z.ZodObject && schema.def.catchall instanceof z.ZodNever;
  return isStrict ? Object.keys(schema.shape) : [];
}

/** The key of a mapping under which this one has its place, if it stands too high by one. */
export function placeBelow(key: string, path: Path, subject: Subject): string | undefined {
  return schemasAt(subject, path)
    .flatMap(knownKeys)
    .find((name) =>
      schemasAt(subject, [...path, name]).some(
        (schema) => schema instanceof z.ZodObject && Object.hasOwn(schema.shape, key),
      ),
    );
}

/** What a schema takes, in words: its title where it has one. */
export function schemaWord(schema: z.core.$ZodType): string {
  const title = z.globalRegistry.get(schema)?.title;
  if (title !== undefined) return title;
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return 'a mapping';
  if (schema instanceof z.ZodArray) return 'a list';
  if (schema instanceof z.ZodNumber) return 'a number';
  if (schema instanceof z.ZodBoolean) return 'true or false';
  return 'a text';
}

/** Undefined where nothing stands at the path. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return Reflect.get(value, part);
  }, root);
}

function childOf(schema: z.core.$ZodType, key: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return new Map<unknown, z.core.$ZodType>(Object.entries(schema.shape)).get(key);
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (schema instanceof z.ZodLazy) return childOf(schema.unwrap(), key);
  return schema instanceof z.ZodArray ? schema.element : undefined;
}

/** All of a union, but only the one that the value names where it names one. */
function branches(union: z.ZodUnion, shown: unknown): readonly z.core.$ZodType[] {
  if (!(union instanceof z.ZodDiscriminatedUnion)) return union.options;
  const { discriminator } = union.def;
  const named = union.options.filter((option) => {
    const tag = childOf(option, discriminator);
    return tag !== undefined && z.safeParse(tag, valueAt(shown, [discriminator])).success;
  });
  return named.length > 0 ? named : union.options;
}
