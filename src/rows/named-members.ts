import { memberName, visitMembers } from '../domain/json-members.js';

/** The members of one record: those that have a name that was asked for, in that order, and the others. */
export interface NamedMembers {
  readonly named: (string | undefined)[];
  /** Raw JSON texts by name; undefined = there are none. */
  readonly others: ReadonlyMap<string, string> | undefined;
  /** Whether a wanted one is there more than once: then the last one counts. */
  readonly isAnyTwice: boolean;
}

/**
 * Finds members by the names that are wanted. Records of one export mostly have their members in the same order, so each
 * is looked for first where it was in the record before.
 */
export function createMemberFinder(names: readonly string[]): (text: string) => NamedMembers {
  const positions = new Map(names.map((name, position) => [name, position]));
  const none = names.map((): string | undefined => undefined);
  const quoted = names.map((name) => JSON.stringify(name));
  /** What follows a member in the last record: position by position; the first one is that of the first member. */
  const next = Array.from({ length: names.length + 1 }, () => -1);

  return (text) => {
    const named = none.slice();
    let others: Map<string, string> | undefined;
    let before = names.length;
    let isAnyTwice = false;
    visitMembers(text, (nameStart, nameEnd, start, end) => {
      let position = next[before] ?? -1;
      const likely = quoted[position];
      if (likely?.length !== nameEnd - nameStart || !text.startsWith(likely, nameStart)) {
        const name = memberName(text, nameStart, nameEnd);
        const found = positions.get(name);
        if (found === undefined) {
          others ??= new Map();
          others.set(name, text.slice(start, end));
          return;
        }
        position = found;
        next[before] = position;
      }
      isAnyTwice ||= named[position] !== undefined;
      named[position] = text.slice(start, end);
      before = position;
    });
    return { named, others, isAnyTwice };
  };
}
