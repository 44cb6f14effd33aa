import { percentile } from '../percentile.js';

/** What the service saw of one contestant. Times are real milliseconds since its first request. */
export interface Seen {
  readonly runs: readonly number[];
  readonly exports: readonly number[];
  /** Let in, and neither a run nor an export. */
  readonly others: readonly number[];
  /** Refused by the rate limit. */
  readonly refused: number;
  /** Of these, after the first two windows. */
  readonly refusedLate: number;
  /** How many executions were live, now and then. */
  readonly live: readonly { readonly at: number; readonly count: number }[];
}

export interface Figures {
  /** From the 10th to the 90th percentile of the useful requests. */
  readonly minutes: number;
  readonly live: number;
  /** A minute. */
  readonly runs: number;
  readonly exports: number;
  readonly others: number;
  /** Runs and exports, as a share of what there is to spend. */
  readonly useful: number;
  readonly requestsPerRun: number;
}

/** @param budget requests a minute that there are to spend */
export function figuresOf(seen: Seen, speed: number, budget: number): Figures {
  const useful = [...seen.runs, ...seen.exports].toSorted((one, other) => one - other);
  const from = percentile(useful, 0.1);
  const to = percentile(useful, 0.9);
  const minutes = ((to - from) * speed) / 60_000;
  const within = (times: readonly number[]): number => times.filter((at) => at >= from && at <= to).length;
  const [runs, exports, others] = [within(seen.runs), within(seen.exports), within(seen.others)];
  const live = seen.live.filter(({ at }) => at >= from && at <= to);
  return {
    minutes,
    live: live.reduce((sum, { count }) => sum + count, 0) / live.length,
    runs: runs / minutes,
    exports: exports / minutes,
    others: others / minutes,
    useful: (runs + exports) / minutes / budget,
    // A run takes two useful requests; half of those in the span belong to runs that began before it, or end after it.
    requestsPerRun: (2 * (runs + exports + others)) / (runs + exports),
  };
}
