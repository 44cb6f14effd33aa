/** The largest of the values noted in the last one to two spans of time; 0 if there were none. */
export interface RecentMost {
  note(value: number, now: number): void;
  at(now: number): number;
}

export function createRecentMost(spanMs: number): RecentMost {
  let [since, current, before] = [-Infinity, 0, 0];

  function turn(now: number): void {
    if (now < since + spanMs) return;
    before = now < since + 2 * spanMs ? current : 0;
    [since, current] = [now, 0];
  }

  return {
    note(value, now) {
      turn(now);
      current = Math.max(current, value);
    },
    at(now) {
      turn(now);
      return Math.max(current, before);
    },
  };
}
