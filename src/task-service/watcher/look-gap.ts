/** The shortest and the longest time between two looks at an execution. */
export interface GapLimits {
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** An execution of which nothing is known beforehand is looked at again when it has become so much older. */
const GROWTH = 0.2;
/** Nothing that was learnt lets a wait grow beyond that share of an execution's age. */
const LARGEST_GROWTH = 0.5;
/** So far on the way to the nearest end that was learnt. */
const APPROACH = 0.25;
/** An end need not be known more exactly than that share of the whole. */
const PRECISION = 0.02;

/**
 * How long to wait before an execution is looked at again, in milliseconds. The gap grows with age, so that a search of
 * seconds is noticed at once and a crawl of hours is not asked thousands of times. Where it is known how long executions
 * of its task take, the looks gather there.
 *
 * @param ageMs since it was created
 * @param usualMs how long others of its task took, in any order; none = unknown
 */
export function gapAfter(ageMs: number, usualMs: readonly number[], { shortestMs, longestMs }: GapLimits): number {
  const longest = Math.min(longestMs, ageMs * (usualMs.length === 0 ? GROWTH : LARGEST_GROWTH));
  const toNearestEnd = Math.min(...usualMs.map((duration) => Math.abs(duration - ageMs)));
  const wanted = Math.max(toNearestEnd * APPROACH, ageMs * PRECISION);
  const gap = Math.min(wanted, longest);
  // Whatever was learnt, it is a number between the limits.
  return Number.isNaN(gap) ? longestMs : Math.min(Math.max(gap, shortestMs), longestMs);
}
