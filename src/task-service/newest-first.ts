/**
 * Whether the rows of a list are in the order of their creation, the newest first. False where a time is missing.
 *
 * @param spread so much a later row may seem to be newer: hosts with different clocks may have given the times
 */
export function isNewestFirst(times: readonly (number | undefined)[], spread: number): boolean {
  let oldest = Number.POSITIVE_INFINITY;
  return times.every((time) => {
    if (time === undefined || time > oldest + spread) return false;
    oldest = Math.min(oldest, time);
    return true;
  });
}

/** The same, where it cannot be chance: rows that are all equally old are in any order. */
export function isProvenNewestFirst(times: readonly (number | undefined)[], spread: number): boolean {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return first - last > spread && isNewestFirst(times, spread);
}
