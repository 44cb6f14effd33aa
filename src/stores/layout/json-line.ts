import type { Column, Row } from '../../domain/rows.js';
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
  const take = (name: string): unknown => {
    const raw = cells.get(name);
    cells.delete(name);
    return raw === undefined ? undefined : JSON.parse(raw);
  };
  const order = {
    execution: String(take('_titan_execution')),
    row: Number(take('_titan_row')),
    at: String(take('_titan_at')),
  };
  return { order, cells };
}

const LINE_BREAK = /[\r\n]/;
const LINE_BREAKS = /[\r\n]/g;

/** The members of a JSON object that is known to be well formed, values as raw text: JSON.parse would round numbers. */
export function* membersOf(object: string): Generator<readonly [name: string, raw: string]> {
  let at = object.indexOf('"');
  while (at !== -1) {
    const nameEnd = stringEnd(object, at);
    const valueStart = object.indexOf(':', nameEnd) + 1;
    const end = valueEnd(object, valueStart);
    yield [String(JSON.parse(object.slice(at, nameEnd))), object.slice(valueStart, end).trim()];
    at = object.indexOf('"', end);
  }
}

/** @returns the position of the comma or bracket that ends the value. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (depth === 0 && (character === ',' || character === '}')) {
      return at;
    }
    if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
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
