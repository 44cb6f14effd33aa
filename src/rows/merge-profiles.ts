import { EXTRA_COLUMN, type Column, type ColumnType } from '../domain/rows.js';
import { unitedType } from './column-profile.js';
import type { Profile } from './examiner.js';

/** Unites what was learnt of several exports, so that the rows of all of them fit one table. */
export function createProfileMerger() {
  const types = new Map<string, ColumnType | undefined>();
  const nested = new Set<string>();
  let [records, rejected, coerce, hasExtra, isGuessed, hasLooseNames] = [0, 0, false, false, false, false];

  return {
    add(profile: Profile): void {
      records += profile.records;
      rejected += profile.rejected;
      coerce ||= profile.coerce;
      isGuessed ||= profile.guessed === true;
      hasLooseNames ||= profile.hasLooseNames === true;
      for (const name of profile.nested) nested.add(name);
      const guessed = new Set(profile.empty);
      for (const { name, type } of profile.columns) {
        if (name === EXTRA_COLUMN.name) hasExtra = true;
        else types.set(name, unitedType(types.get(name), guessed.has(name) ? undefined : type));
      }
    },
    /** Of all that were added: their columns in the order in which they first came up. */
    merged(): Profile {
      const empty = [...types].filter(([, type]) => type === undefined).map(([name]) => name);
      const columns = [...types].map(([name, type]): Column => ({ name, type: type ?? 'text' }));
      return {
        records,
        rejected,
        columns: hasExtra ? [...columns, EXTRA_COLUMN] : columns,
        coerce,
        nested: [...nested],
        isPlain: false,
        ...(isGuessed ? { guessed: true, empty } : {}),
        ...(hasLooseNames ? { hasLooseNames } : {}),
      };
    },
  };
}
