import type { Column } from '../../domain/rows.js';
import { canonicalValue } from './canonical-value.js';

/** Gives equal text to rows with equal keys; undefined where a part of the key is null or missing. */
export type RowIdentity = (cell: (name: string) => string | undefined) => string | undefined;

/** @param columns the table's, with the types that it has for them */
export function createRowIdentity(columns: readonly Column[], key: readonly string[]): RowIdentity {
  const parts = key.map((name) => ({ name, type: columns.find((column) => column.name === name)?.type }));
  return (cell) => {
    const values = parts.map(({ name, type }) => canonicalValue(type, cell(name)));
    return values.includes(undefined) ? undefined : JSON.stringify(values);
  };
}

/** Equal text for rows with equal contents; a null is as good as a missing value. */
export function contentOf(columns: readonly Column[], cells: ReadonlyMap<string, string>): string {
  return JSON.stringify(columns.map(({ name, type }) => canonicalValue(type, cells.get(name)) ?? null));
}
