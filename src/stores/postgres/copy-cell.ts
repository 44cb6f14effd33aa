import type { ColumnType } from '../../domain/rows.js';
import { cellText, MANY_DIGITS } from './cell-text.js';
import { copyField } from './copy-text.js';

const NULL = copyField(null);

/** Makes the field of a COPY from a cell's raw JSON text. @throws UnfitCell */
export type CellCopier = (raw: string) => string;

/**
 * What is mostly there is let pass by one short look: a load does this more often than anything else. Within JSON a tab or
 * a line break is escaped, but for those between the parts of a nested value.
 */
export const CELL_COPIERS: Readonly<Record<ColumnType, CellCopier>> = {
  text: (raw) => (raw.startsWith('"') && !raw.includes('\\') ? raw.slice(1, -1) : copied('text', raw)),
  timestamptz: (raw) => (SURELY_TIMESTAMP.test(raw) ? raw.slice(1, -1) : copied('timestamptz', raw)),
  bigint: (raw) => (SURELY_BIGINT.test(raw) ? raw : copied('bigint', raw)),
  numeric: (raw) => (SURELY_NUMERIC.test(raw) ? raw : copied('numeric', raw)),
  boolean: (raw) => copied('boolean', raw),
  jsonb: (raw) =>
    raw === 'null' || raw.length >= MANY_DIGITS || MAYBE_NOT_PLAIN.test(raw) ? copied('jsonb', raw) : raw,
};

const asItStands: CellCopier = (raw) => (raw === 'null' ? NULL : raw);
const unquoted: CellCopier = (raw) => (raw === 'null' ? NULL : raw.slice(1, -1));

/** The same for a cell of a plain row, see `isPlain` of a row: nothing in it has to be looked at. */
export const PLAIN_CELL_COPIERS: Readonly<Record<ColumnType, CellCopier>> = {
  text: unquoted,
  timestamptz: unquoted,
  bigint: asItStands,
  numeric: asItStands,
  boolean: asItStands,
  jsonb: asItStands,
};

function copied(type: ColumnType, raw: string): string {
  return copyField(cellText(type, raw));
}

const SURELY_BIGINT = /^-?\d{1,18}$/;
const SURELY_NUMERIC = /^-?\d{1,100}(?:\.\d{1,100})?$/;
const SURELY_TIMESTAMP =
  /^"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z"$/;
const MAYBE_NOT_PLAIN = /[\\\t\n\r]|[eE][+-]?\d{5}/;
