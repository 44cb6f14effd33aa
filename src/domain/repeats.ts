/** How often something may be done once more. */
export interface Repeats {
  /** False: none is left. */
  readonly take: () => boolean;
  readonly count: () => number;
}

/** @param most default: as often as need be */
export function createRepeats(most = Infinity): Repeats {
  let count = 0;
  return {
    take() {
      if (count >= most) return false;
      count += 1;
      return true;
    },
    count: () => count,
  };
}
