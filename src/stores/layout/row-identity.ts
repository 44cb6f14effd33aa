import { createHash } from 'node:crypto';
import type { Column } from '../../domain/rows.js';
import { canonicalValue } from './canonical-value.js';
import { cellsOf, readLine } from './json-line.js';

/** Gives equal text to the lines of rows with equal keys; undefined where a part of the key is null or missing. */
export type LineIdentity = (line: string) => string | undefined;

/** @param columns the table's, with the types that it has for them */
export function createLineIdentity(columns: readonly Column[], key: readonly string[]): LineIdentity {
  const parts = key.map((name) => ({ name, type: columns.find((column) => column.name === name)?.type }));
  const names = new Set(key);
  return (line) => {
    const cells = cellsOf(line, names);
    const values = parts.map(({ name, type }) => canonicalValue(type, cells.get(name)));
    return values.includes(undefined) ? undefined : shortened(JSON.stringify(values));
  };
}

/** Equal text for lines of rows with equal contents; a null is as good as a missing value. */
export function contentOf(columns: readonly Column[], line: string): string {
  const { cells } = readLine(line);
  return shortened(JSON.stringify(columns.map(({ name, type }) => canonicalValue(type, cells.get(name)) ?? null)));
}

/** Many of these are held at once, so none is long. */
function shortened(text: string): string {
  return text.length <= MAX_LENGTH ? text : createHash('sha256').update(text).digest('base64');
}

const MAX_LENGTH = 64;
