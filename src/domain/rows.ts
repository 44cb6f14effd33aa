/** A store's type of a column; what `jsonb` holds is any JSON value. */
export type ColumnType = 'text' | 'timestamptz' | 'bigint' | 'numeric' | 'boolean' | 'jsonb';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Set where no schema tells the type. `type`: values did; `empty`: there was no value yet, so any type is as good. */
  readonly guess?: Guess | undefined;
}

export type Guess = 'type' | 'empty';

/** Columns that every row carries beside its own. The order of rows is (`_titan_at`, `_titan_execution`, `_titan_row`). */
export const PROVENANCE_COLUMNS = [
  { name: '_titan_execution', type: 'text' },
  { name: '_titan_row', type: 'bigint' },
  { name: '_titan_at', type: 'timestamptz' },
] as const satisfies readonly Column[];

/** Where properties go that the schema does not name: one JSON object per row. */
export const EXTRA_COLUMN: Column = { name: '_titan_extra', type: 'jsonb' };

/**
 * One valid row. A cell is the value's raw JSON text, so that no digit is lost; `undefined` = the record has no such
 * property. `cells` are in the order of the columns they travel with.
 */
export interface Row {
  readonly execution: string;
  /** Position of the record in its export, from 0. */
  readonly row: number;
  /** When its execution was created, RFC 3339 in UTC. */
  readonly at: string;
  readonly cells: readonly (string | undefined)[];
  /**
   * Every cell is a null, or one that its column can hold, on one line and without tabs; no text has an escape, and no number
   * an exponent: each may be written as it stands.
   */
  readonly isPlain?: boolean;
}

/** A record that cannot be published, with the reason and its raw text. */
export interface Reject {
  readonly execution: string;
  readonly row: number;
  readonly reason: string;
  readonly raw: string;
}
