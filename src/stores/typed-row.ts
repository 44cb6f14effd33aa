import type { Column, Row } from '../domain/rows.js';
import { typedCell } from './typed-cell.js';
import type { UnfitValue } from './unfit-value.js';

/**
 * Makes rows what columns of fixed width hold, so that what is written is what will be read: see {@link typedCell}.
 * `at` becomes a moment in UTC with up to six digits, too.
 *
 * @param columns the columns that the rows travel with
 * @param types the same columns with the types that the table has for them
 * @returns for each row a row, or the reason why the columns cannot hold it
 */
export function createTypedRow(
  columns: readonly Column[],
  types: readonly Column[] = columns,
): (row: Row) => Row | string {
  const readers = types.map(({ name, type }, position) => ({ name, type, from: columns[position]?.type ?? type }));
  const momentOf = createMomentReader();
  return ({ execution, row, at, cells }) => {
    const typed: (string | undefined)[] = [];
    for (const [position, { name, type, from }] of readers.entries()) {
      const raw = cells[position];
      const cell = raw === undefined ? undefined : typedCell(type, raw, from);
      if (typeof cell === 'object') {
        return `${JSON.stringify(name)} ${cell.unfit}`;
      }
      typed.push(cell);
    }
    const moment = momentOf(at);
    return typeof moment === 'object'
      ? `"_titan_at" ${moment.unfit}`
      : { execution, row, at: moment.slice(1, -1), cells: typed };
  };
}

/** All rows of an execution have the same. */
function createMomentReader(): (at: string) => string | UnfitValue {
  let last: { readonly at: string; readonly moment: string | UnfitValue } | undefined;
  return (at) => {
    if (last?.at !== at) {
      last = { at, moment: typedCell('timestamptz', JSON.stringify(at)) };
    }
    return last.moment;
  };
}
