import { memberName, visitMembers } from '../domain/json-members.js';

/** A name as it is compared loosely: without case, blanks, underscores, hyphens and a byte order mark. */
export function foldName(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_\uFEFF-]/gu, '');
}

/**
 * Gives members the schema's names where theirs differ only as {@link foldName} says: `Price ` becomes `price`. A name that
 * could be two of them, or that the record has already, stays.
 *
 * @returns undefined where nothing is to be renamed
 */
export type Renamer = (record: string) => string | undefined;

/** @param names of the schema's properties */
export function createRenamer(names: readonly string[]): Renamer {
  const known = new Set(names);
  const byFold = new Map<string, string | undefined>();
  for (const name of names) byFold.set(foldName(name), byFold.has(foldName(name)) ? undefined : name);
  /** Records of one export have few names. */
  const folded = new Map<string, string | undefined>();

  function meant(name: string): string | undefined {
    if (folded.has(name)) return folded.get(name);
    const found = byFold.get(foldName(name));
    if (folded.size < MOST_REMEMBERED) folded.set(name, found);
    return found;
  }

  return (record) => {
    const present = new Set<string>();
    const wanted = new Map<string, Place | undefined>();
    visitMembers(record, (start, end) => {
      const name = memberName(record, start, end);
      if (known.has(name)) {
        present.add(name);
        return;
      }
      const own = meant(name);
      if (own !== undefined) wanted.set(own, wanted.has(own) ? undefined : { start, end });
    });
    let renamed = '';
    let from = 0;
    for (const [name, place] of wanted) {
      if (place === undefined || present.has(name)) continue;
      renamed += record.slice(from, place.start) + JSON.stringify(name);
      from = place.end;
    }
    return from === 0 ? undefined : renamed + record.slice(from);
  };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

const MOST_REMEMBERED = 10_000;
