import { EXTRA_COLUMN, type Row } from '../domain/rows.js';
import { knownCell, type CellOptions } from './cell.js';
import type { Profile } from './examiner.js';
import { createRenamer } from './loose-names.js';
import { createMemberFinder } from './named-members.js';
import type { CutRecord } from './record-splitter.js';

/** Makes a row of a valid record. */
export type RowReader = (record: CutRecord) => Row;

/**
 * Reads rows by the profile that was made when all records were examined: no schema is needed, and the same record gives
 * the same row however often it is read.
 */
export function createRowReader(
  profile: Profile,
  { execution, at }: { readonly execution: string; readonly at: string },
): RowReader {
  const nested = new Set(profile.nested);
  const columns = profile.columns.filter(({ name }) => name !== EXTRA_COLUMN.name);
  const hasExtra = columns.length < profile.columns.length;
  const membersOf = createMemberFinder(columns.map(({ name }) => name));
  const renamed = profile.hasLooseNames === true ? createRenamer(columns.map(({ name }) => name)) : undefined;
  const options = columns.map(({ name, type }): CellOptions => ({
    type,
    isNested: nested.has(name),
    coerce: profile.coerce,
  }));

  return ({ text, row, cells: known }) => {
    if (known) return { execution, row, at, cells: known, isPlain: true };
    const found = membersOf(text);
    const other = found.others ? renamed?.(text) : undefined;
    const { named: cells, others } = other === undefined ? found : membersOf(other);
    for (const [position, option] of options.entries()) {
      const raw = cells[position];
      if (raw !== undefined) cells[position] = knownCell(raw, option);
    }
    if (hasExtra) cells.push(others && extraOf(others));
    return { execution, row, at, cells };
  };
}

function extraOf(others: ReadonlyMap<string, string>): string {
  const text = [...others].map(([name, raw]) => `${JSON.stringify(name)}:${raw}`).join(',');
  return knownCell(`{${text}}`, { type: 'jsonb', isNested: true, coerce: false });
}
