/** The least and the most of what was seen lately. */
interface Range {
  readonly least: number;
  readonly most: number;
}

/** Keeps two numbers however much is seen: what was seen last between one and two ages ago is forgotten. */
export interface SeenRange {
  see(least: number, most: number): void;
  /** Returns the range of what was seen lately; undefined if nothing was. */
  lately(): Range | undefined;
  forget(): void;
}

/** @param steadyNow milliseconds of a clock that is never set */
export function createSeenRange(ageMs: number, steadyNow: () => number): SeenRange {
  let begun = steadyNow();
  let before: Range | undefined;
  let current: Range | undefined;

  function turnOver(): void {
    const age = steadyNow() - begun;
    if (age < ageMs) return;
    before = age < 2 * ageMs ? current : undefined;
    current = undefined;
    begun = steadyNow();
  }

  return {
    see(least, most) {
      turnOver();
      current = joined(current, { least, most });
    },
    lately() {
      turnOver();
      return before && current ? joined(before, current) : (current ?? before);
    },
    forget() {
      [before, current] = [undefined, undefined];
    },
  };
}

function joined(one: Range | undefined, other: Range): Range {
  if (!one) return other;
  return { least: Math.min(one.least, other.least), most: Math.max(one.most, other.most) };
}
