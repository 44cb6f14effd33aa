import type { Column, ColumnType } from '../domain/rows.js';
import { DocumentError } from './document-error.js';
import { wholeNumber } from './whole-number.js';

/** Learns columns and their types from records, where no schema names them. */
export interface ColumnProfile {
  /** @throws DocumentError `unusable` for more columns than a table can have */
  add(members: ReadonlyMap<string, string>): void;
  /** Columns in the order in which they first came up. */
  columns(): readonly Column[];
  /** Names of those that had no value yet: their type is a guess. */
  empty(): readonly string[];
}

/** Postgres stops at 1,600, system columns and ours included. */
export const MAX_COLUMNS = 1_500;

export function createColumnProfile(): ColumnProfile {
  /** Undefined: there was no value yet. */
  const types = new Map<string, ColumnType | undefined>();

  return {
    add(members) {
      for (const [name, raw] of members) types.set(name, unitedType(types.get(name), typeOf(raw)));
      if (types.size <= MAX_COLUMNS) return;
      const message = `the records have more than ${MAX_COLUMNS} different properties: give the task an output_schema that names the columns`;
      throw new DocumentError('unusable', message);
    },
    columns: () => [...types].map(([name, type]) => ({ name, type: type ?? 'text' })),
    empty: () => [...types].filter(([, type]) => type === undefined).map(([name]) => name),
  };
}

function typeOf(raw: string): ColumnType | undefined {
  switch (raw.charAt(0)) {
    case '"':
      return 'text';
    case '[':
    case '{':
      return 'jsonb';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return undefined;
    default:
      // 12.0 says that fractions are to be expected.
      return /[.eE]/.test(raw) || wholeNumber(raw) === undefined ? 'numeric' : 'bigint';
  }
}

/** The type that holds the values of both; undefined: neither has any. */
export function unitedType(one: ColumnType | undefined, other: ColumnType | undefined): ColumnType | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  const areNumbers = [one, other].every((type) => type === 'bigint' || type === 'numeric');
  return areNumbers ? 'numeric' : 'jsonb';
}
