import { EXTRA_COLUMN, type Row } from '../domain/rows.js';
import { cellOf, type CellOptions } from './cell.js';
import type { Profile } from './examiner.js';
import { members } from './members.js';
import type { RawRecord } from './record-sink.js';

/** Makes a row of a valid record; `row` is the record's position in its export. */
export type RowReader = (record: RawRecord, row: number) => Row;

/**
 * Reads rows by the profile that was made when all records were examined: no schema is needed, and the same record gives
 * the same row however often it is read.
 */
export function createRowReader(
  profile: Profile,
  source: { readonly execution: string; readonly at: string },
): RowReader {
  const nested = new Set(profile.nested);
  const columns = profile.columns.filter(({ name }) => name !== EXTRA_COLUMN.name);
  const named = new Set(columns.map(({ name }) => name));
  const hasExtra = columns.length < profile.columns.length;
  const options = columns.map(({ name, type }): CellOptions => ({
    type,
    isNested: nested.has(name),
    coerce: profile.coerce,
  }));

  function extraOf(found: ReadonlyMap<string, string>): string | undefined {
    const extra = [...found].filter(([name]) => !named.has(name));
    if (extra.length === 0) return undefined;
    const text = extra.map(([name, raw]) => `${JSON.stringify(name)}:${raw}`).join(',');
    return cellOf(`{${text}}`, { type: 'jsonb', isNested: true, coerce: false });
  }

  return ({ text }, row) => {
    const found = members(text);
    const cells = columns.map(({ name }, index) => {
      const raw = found.get(name);
      const option = options[index];
      return raw === undefined || option === undefined ? undefined : cellOf(raw, option);
    });
    return { ...source, row, cells: hasExtra ? [...cells, extraOf(found)] : cells };
  };
}
