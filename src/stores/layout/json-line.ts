import { z } from 'zod';
import { memberName, members, visitMembers } from '../../domain/json-members.js';
import { PROVENANCE_COLUMNS, type Column, type Row } from '../../domain/rows.js';
import { rowDigits } from '../row-digits.js';
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
  const provenanceOf = createProvenanceWriter();
  return (row) => {
    const { cells, isPlain } = row;
    let line = '{';
    let position = 0;
    for (const name of names) {
      const raw = cells[position];
      position += 1;
      if (raw === undefined) continue;
      line += `${name}${isPlain !== true && LINE_BREAK.test(raw) ? raw.replaceAll(LINE_BREAKS, ' ') : raw},`;
    }
    return `${line}${provenanceOf(row)}`;
  };
}

/** Most rows are of the same execution as the one before. */
function createProvenanceWriter(): (row: Row) => string {
  let last: Pick<Row, 'execution' | 'at'> | undefined;
  let [before, after] = ['', ''];
  return ({ execution, row, at }) => {
    if (execution !== last?.execution || at !== last.at) {
      last = { execution, at };
      before = `"_titan_execution":${JSON.stringify(execution)},"_titan_row":`;
      after = `,"_titan_at":${JSON.stringify(at)}}\n`;
    }
    return `${before}${rowDigits(row)}${after}`;
  };
}

/** @param line one that {@link createLineWriter} wrote */
export function readLine(line: string): LineFacts {
  const cells = members(line);
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
  visitMembers(line, (nameStart, nameEnd, start, end) => {
    const name = memberName(line, nameStart, nameEnd);
    if (names.has(name)) cells.set(name, line.slice(start, end));
    return cells.size < names.size;
  });
  return cells;
}

const provenanceSchema = z.object({ _titan_execution: z.string(), _titan_row: z.number(), _titan_at: z.string() });
const LINE_BREAK = /[\r\n]/;
const LINE_BREAKS = /[\r\n]/g;
