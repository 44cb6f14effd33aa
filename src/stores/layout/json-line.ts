import { z } from 'zod';
import { PROVENANCE_COLUMNS, type Column, type Row } from '../../domain/rows.js';
import type { RowOrder } from '../row-order.js';

/** A line of a data file, taken apart. */
export interface LineFacts {
  readonly order: RowOrder;
  /** The row's own columns: name to raw JSON text. */
  readonly cells: ReadonlyMap<string, string>;
}

/**
 * Writes rows as lines: the columns that a record has, each with its raw JSON text byte for byte, then the provenance.
 * Line breaks between the tokens of a raw text become spaces; inside strings JSON has none.
 */
export function createLineWriter(columns: readonly Column[]): (row: Row) => string {
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  return ({ execution, row, at, cells }) => {
    const members = names.flatMap((name, position) => {
      const raw = cells[position];
      return raw === undefined ? [] : [name + (LINE_BREAK.test(raw) ? raw.replaceAll(LINE_BREAKS, ' ') : raw)];
    });
    const provenance = `"_titan_execution":${JSON.stringify(execution)},"_titan_row":${row},"_titan_at":${JSON.stringify(at)}`;
    return `{${[...members, provenance].join(',')}}\n`;
  };
}

/** @param line one that {@link createLineWriter} wrote */
export function readLine(line: string): LineFacts {
  const cells = new Map(membersOf(line));
  for (const { name } of PROVENANCE_COLUMNS) {
    cells.delete(name);
  }
  return { order: orderOf(line), cells };
}

/** Only the order of a line's row. Provenance ends a line, and no string has its quotes without a backslash. */
export function orderOf(line: string): RowOrder {
  const provenance: unknown = JSON.parse(`{${line.slice(line.lastIndexOf('"_titan_execution":'))}`);
  const { _titan_execution: execution, _titan_row: row, _titan_at: at } = provenanceSchema.parse(provenance);
  return { execution, row, at };
}

/** Only some of a line's cells: what follows the last of them is not read. */
export function cellsOf(line: string, names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const cells = new Map<string, string>();
  for (const [name, raw] of membersOf(line)) {
    if (names.has(name)) {
      cells.set(name, raw);
      if (cells.size === names.size) {
        break;
      }
    }
  }
  return cells;
}

const provenanceSchema = z.object({ _titan_execution: z.string(), _titan_row: z.number(), _titan_at: z.string() });
const LINE_BREAK = /[\r\n]/;
const LINE_BREAKS = /[\r\n]/g;

/** The members of a JSON object that is known to be well formed, values as raw text: JSON.parse would round numbers. */
export function* membersOf(object: string): Generator<readonly [name: string, raw: string]> {
  let at = object.indexOf('"');
  while (at !== -1) {
    const nameEnd = stringEnd(object, at);
    const valueStart = object.indexOf(':', nameEnd) + 1;
    const end = valueEnd(object, valueStart);
    const name = object.slice(at, nameEnd);
    yield [name.includes('\\') ? String(JSON.parse(name)) : name.slice(1, -1), object.slice(valueStart, end).trim()];
    at = object.indexOf('"', end);
  }
}

const [QUOTE, COMMA, OPENING_BRACE, CLOSING_BRACE, OPENING_BRACKET, CLOSING_BRACKET] = [
  0x22, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d,
];

/** @returns the position of the comma or bracket that ends the value. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = stringEnd(text, at);
      continue;
    }
    if (depth === 0 && (character === COMMA || character === CLOSING_BRACE)) {
      return at;
    }
    if (character === OPENING_BRACE || character === OPENING_BRACKET) {
      depth += 1;
    } else if (character === CLOSING_BRACE || character === CLOSING_BRACKET) {
      depth -= 1;
    }
    at += 1;
  }
  return at;
}

/** @returns the position after the closing quote of the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (isEscaped(text, at)) {
    at = text.indexOf('"', at + 1);
  }
  return at + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') {
    backslashes += 1;
  }
  return backslashes % 2 === 1;
}
