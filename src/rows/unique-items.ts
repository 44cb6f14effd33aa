import type { DataValidateFunction, FuncKeywordDefinition } from 'ajv/dist/types/index.js';
import { isJsonObject, type Json } from '../domain/json.js';

/** `uniqueItems` in linear time: Ajv's own compares each object with each other one. */
export const UNIQUE_ITEMS: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  compile: (isWanted: boolean) => (isWanted ? allDiffer : () => true),
};

const allDiffer: DataValidateFunction = (items: readonly Json[]) => {
  const seen = new Map<Json, number>();
  const composed = new Map<string, number>();
  for (const [position, item] of items.entries()) {
    const isComposed = typeof item === 'object' && item !== null;
    const before = isComposed ? numbered(composed, canonical(item), position) : numbered(seen, item, position);
    if (before === undefined) continue;
    const message = `must NOT have duplicate items (items ## ${before} and ${position} are identical)`;
    allDiffer.errors = [{ keyword: 'uniqueItems', message, params: { i: position, j: before } }];
    return false;
  }
  return true;
};

/** The position of the first one that is the same; undefined = this is the first. */
function numbered<Key>(positions: Map<Key, number>, key: Key, position: number): number | undefined {
  const before = positions.get(key);
  if (before === undefined) positions.set(key, position);
  return before;
}

/** One text for equal values, whatever the order of their members. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`;
}
