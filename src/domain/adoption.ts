/** Which execution a run in doubt may take for its own, after a reply was lost or the worker that sent it is gone. */

export interface SeenExecution {
  readonly id: string;
  /** Unix milliseconds by the service's clock; absent where it does not say. */
  readonly createdAt?: number;
  /** Whose workflow follows it: the run's own (it was reset, or started again), somebody else's, or nobody's. */
  readonly owner: 'me' | 'other' | 'nobody';
  /** Known to be of another run that is about to claim it. */
  readonly isReserved: boolean;
}

/** Times are Unix milliseconds by the clock that gives executions the time of their creation. */
export interface Doubt {
  /** Earliest creation of an execution that may be this run's. */
  readonly since: number;
  /** Latest creation of an execution that may be this run's. */
  readonly until: number;
  /** How far outside of these an execution may still be this run's: clocks are not known better. */
  readonly unsureMs: number;
  /** Bounds of the current time. */
  readonly now: { readonly earliest: number; readonly latest: number };
  /** Whether executions that may or may not be this run's are given time to be claimed by others. */
  readonly isPatient: boolean;
  /** Whether all executions since then were shown. */
  readonly isComplete: boolean;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export type Choice =
  | { readonly kind: 'mine'; readonly executionId: string }
  | { readonly kind: 'adopt'; readonly executionId: string }
  /** There are some that their own runs may be about to claim. */
  | { readonly kind: 'unsettled'; readonly waitMs: number }
  | { readonly kind: 'none' }
  /** What the service shows is not enough to decide. */
  | { readonly kind: 'undecidable'; readonly reason: string };

/** Who started an execution has so long to claim it. */
export const SETTLE_MS = 5_000;
/** What was created within that of each other counts as equally old; intents are recorded earlier by more than that. */
const EQUALLY_OLD_MS = 1_000;
/** Delay before executions that nobody has claimed are looked at again. */
const UNDECIDED_MS = 7_000;

/**
 * Runs of one task are interchangeable, so it does not matter whose request it was. Of several one of the oldest is
 * taken: a run that was wanted later may not take them, so they must be left to those that can. Of those one at random,
 * because the very oldest would make all who look in the same moment fight for it.
 */
export function chooseExecution(seen: readonly SeenExecution[], doubt: Doubt): Choice {
  const possible = seen.filter(
    ({ createdAt }) => createdAt === undefined || (createdAt >= doubt.since && createdAt <= doubt.until),
  );
  const mine = possible.find(({ owner }) => owner === 'me');
  if (mine) return { kind: 'mine', executionId: mine.id };

  const free = possible.filter(({ owner, isReserved }) => owner === 'nobody' && !isReserved);
  const undated = free.filter(({ createdAt }) => createdAt === undefined);
  const waits = free.map(({ createdAt = Number.NaN }) => createdAt + SETTLE_MS - doubt.now.earliest);
  const settled = free.filter((_, index) => (waits[index] ?? Number.NaN) <= 0);
  const oldest = Math.min(...settled.map(({ createdAt = Number.NaN }) => createdAt));
  const equal = settled.filter(({ createdAt = Number.NaN }) => createdAt - oldest <= EQUALLY_OLD_MS);
  const chosen = equal[Math.floor(doubt.random() * equal.length)];
  const undecided = seen.filter((execution) => isUndecided(execution, doubt));
  const isOneEarlier = undecided.some(({ createdAt = Number.NaN }) => createdAt < doubt.since);
  // Its own may be that one. Whoever it belongs to gets time to take it before another one is taken, and it is left over.
  if (chosen && isOneEarlier && doubt.isPatient) return { kind: 'unsettled', waitMs: UNDECIDED_MS };
  if (chosen) return { kind: 'adopt', executionId: chosen.id };

  const shortest = Math.min(...waits.filter((wait) => wait > 0));
  if (Number.isFinite(shortest)) return { kind: 'unsettled', waitMs: Math.min(shortest, SETTLE_MS) };
  if (undated.length > 0) {
    const ids = undated.map(({ id }) => id).join(', ');
    return { kind: 'undecidable', reason: `nobody owns ${ids}, and the service does not say when they were created` };
  }
  if (undecided.length > 0) {
    if (doubt.isPatient) return { kind: 'unsettled', waitMs: UNDECIDED_MS };
    const by = Math.round(doubt.unsureMs / 1_000);
    const ids = undecided.map(({ id }) => id).join(', ');
    const reason = `nobody owns ${ids}, and the service's clocks are known to ${by} s only: it may have been created before this run or for it`;
    return { kind: 'undecidable', reason };
  }
  if (doubt.isComplete) return { kind: 'none' };
  return { kind: 'undecidable', reason: 'the service does not show all executions since then' };
}

/**
 * Whether an execution lies outside of the window, and so little that clocks which differ more than is known would put
 * it inside. One of the future is no other run's either: it shows that clocks differ by more than was thought possible.
 */
function isUndecided({ createdAt, owner, isReserved }: SeenExecution, { since, until, unsureMs, now }: Doubt): boolean {
  if (createdAt === undefined || owner !== 'nobody' || isReserved) return false;
  const isJustBefore = createdAt < since && createdAt >= since - unsureMs;
  const isJustAfter = createdAt > until && createdAt <= until + unsureMs;
  return isJustBefore || isJustAfter || createdAt > now.latest + unsureMs;
}
