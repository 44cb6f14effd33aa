import type { ColumnType } from '../domain/rows.js';
import { isDateTime } from './date-time.js';
import { rawProblem } from './raw-problem.js';
import { wholeNumber } from './whole-number.js';

/** How the values of one column are read. */
export interface CellOptions {
  readonly type: ColumnType;
  /** Objects and arrays only: a string in their place may be the JSON text of one. */
  readonly isNested: boolean;
  /** Read texts as the column's type: `"12"` is 12. */
  readonly coerce: boolean;
}

/**
 * A value's raw JSON text as its column holds it: the digits of a bigint are written out, nested values have no line
 * breaks, all else is as it was. It depends on nothing but its arguments, so that whoever reads a record twice gets the
 * same cells.
 *
 * @returns undefined where the column cannot hold the value
 */
export function cellOf(raw: string, options: CellOptions): string | undefined {
  if (raw === 'null') return raw;
  const isText = raw.startsWith('"');
  switch (options.type) {
    case 'text':
      return isText ? raw : undefined;
    case 'timestamptz':
      return isText && isDateTime(textOf(raw)) ? raw : undefined;
    default:
      return typedCell((isText && options.coerce ? coercedText(textOf(raw), options) : undefined) ?? raw, options.type);
  }
}

/** Like {@link cellOf}, for a value that its column is known to hold. */
export function knownCell(raw: string, options: CellOptions): string {
  const { type } = options;
  if (type === 'text' || type === 'timestamptz') return raw;
  if (options.coerce || type === 'bigint') return cellOf(raw, options) ?? raw;
  return type === 'jsonb' ? withoutLineBreaks(raw) : raw;
}

/** The JSON text that a text stands for in a column; undefined = it stands for itself. */
export function coercedText(text: string, { type, isNested }: CellOptions): string | undefined {
  if (type === 'text' || type === 'timestamptz') return undefined;
  const trimmed = text.trim();
  switch (type) {
    case 'bigint':
    case 'numeric':
      return JSON_NUMBER.test(trimmed) ? trimmed : undefined;
    case 'boolean':
      return /^(?:true|false)$/i.test(trimmed) ? trimmed.toLowerCase() : undefined;
    case 'jsonb':
      return isNested && /^[[{]/.test(trimmed) && isStorableJson(trimmed) ? trimmed : undefined;
  }
}

/** What is wrong where {@link cellOf} finds no cell. */
export function cellProblem(type: ColumnType): string {
  switch (type) {
    case 'text':
      return 'must be a string';
    case 'timestamptz':
      return 'must be a date-time as in RFC 3339, with an offset';
    case 'bigint':
      return 'must be a whole number of at most 64 bits';
    case 'numeric':
      return 'must be a number in the range of a double';
    case 'boolean':
      return 'must be true or false';
    case 'jsonb':
      return 'cannot be stored';
  }
}

function withoutLineBreaks(raw: string): string {
  // Within a JSON string a line break is always escaped, so these stand between values.
  return raw.includes('\n') || raw.includes('\r') ? raw.replace(/[\r\n]+/g, ' ') : raw;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function typedCell(raw: string, type: Exclude<ColumnType, 'text' | 'timestamptz'>): string | undefined {
  switch (type) {
    case 'bigint':
      return wholeNumber(raw);
    case 'numeric':
      return /^[-\d]/.test(raw) && Number.isFinite(Number(raw)) ? raw : undefined;
    case 'boolean':
      return raw === 'true' || raw === 'false' ? raw : undefined;
    case 'jsonb':
      return withoutLineBreaks(raw);
  }
}

function textOf(raw: string): string {
  return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
}

function isStorableJson(text: string): boolean {
  try {
    JSON.parse(text);
    return rawProblem(text) === undefined;
  } catch {
    return false;
  }
}
