import type { LedgerRequest } from '../../src/emulator/ledger.js';

/** The most requests that the rate limit has let in within one window: by the windows of the clock, and in any span. */
export interface BusiestWindows {
  readonly fixed: number;
  readonly sliding: number;
}

/** Judges a client from the service's side. @param requests of the ledger, in any order */
export function busiestWindows(requests: readonly LedgerRequest[], windowMs: number): BusiestWindows {
  const times = requests
    .filter(({ admitted }) => admitted)
    .map(({ at }) => Date.parse(at))
    .toSorted((left, right) => left - right);
  return { fixed: busiestFixed(times, windowMs), sliding: busiestSliding(times, windowMs) };
}

function busiestFixed(times: readonly number[], windowMs: number): number {
  const counts = new Map<number, number>();
  let most = 0;
  for (const time of times) {
    const window = Math.floor(time / windowMs);
    const count = (counts.get(window) ?? 0) + 1;
    counts.set(window, count);
    most = Math.max(most, count);
  }
  return most;
}

function busiestSliding(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    // A request that came exactly one window ago is no longer in it.
    while (time - (times[first] ?? time) >= windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
