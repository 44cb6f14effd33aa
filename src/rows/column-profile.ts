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

type Kind = 'null' | 'text' | 'bigint' | 'numeric' | 'boolean' | 'mixed';

/** Postgres stops at 1,600, system columns and ours included. */
const MAX_COLUMNS = 1_500;

export function createColumnProfile(): ColumnProfile {
  const kinds = new Map<string, Kind>();

  return {
    add(members) {
      for (const [name, raw] of members) kinds.set(name, union(kinds.get(name) ?? 'null', kindOf(raw)));
      if (kinds.size <= MAX_COLUMNS) return;
      const message = `the records have more than ${MAX_COLUMNS} different properties: give the task an output_schema that names the columns`;
      throw new DocumentError('unusable', message);
    },
    columns: () => [...kinds].map(([name, kind]) => ({ name, type: TYPES[kind] })),
    empty: () => [...kinds].filter(([, kind]) => kind === 'null').map(([name]) => name),
  };
}

const TYPES: Readonly<Record<Kind, ColumnType>> = {
  null: 'text',
  text: 'text',
  bigint: 'bigint',
  numeric: 'numeric',
  boolean: 'boolean',
  mixed: 'jsonb',
};

function kindOf(raw: string): Kind {
  switch (raw.charAt(0)) {
    case '"':
      return 'text';
    case '[':
    case '{':
      return 'mixed';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return 'null';
    default:
      // 12.0 says that fractions are to be expected.
      return /[.eE]/.test(raw) || wholeNumber(raw) === undefined ? 'numeric' : 'bigint';
  }
}

function union(one: Kind, other: Kind): Kind {
  if (one === other || other === 'null') return one;
  if (one === 'null') return other;
  const areNumbers = [one, other].every((kind) => kind === 'bigint' || kind === 'numeric');
  return areNumbers ? 'numeric' : 'mixed';
}
