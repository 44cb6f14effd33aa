import { z } from 'zod';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a JSON object; undefined = the text is something else. Says nothing about what is wrong, because the parser's own
 * message quotes the text, and the text may hold secrets.
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const parsed = jsonObject.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** One text for all JSON values that mean the same: keys sorted, no spaces. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) =>
    isJsonObject(item) ? Object.fromEntries(Object.entries(item).toSorted(byKey)) : item,
  );
}

function byKey([left]: [string, Json], [right]: [string, Json]): number {
  return left < right ? -1 : 1;
}
