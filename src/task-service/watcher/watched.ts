import { delayBefore } from '../../domain/delay-before.js';
import { isLive } from '../../domain/status.js';
import type { Observer } from '../observer.js';
import { idKey } from '../same-id.js';
import type { ServiceClock } from '../service-clock.js';
import { TaskServiceError } from '../task-service-error.js';
import { updatedAt, type Execution } from '../wire.js';
import { createGlimpses } from './glimpses.js';
import { ageOf, bornAt, endOf } from './life.js';
import type { Awaited, Reach } from './list-scan.js';
import { gapAfter, type GapLimits } from './look-gap.js';
import { createUsualDurations } from './usual-durations.js';
import { createWaiter, type Waiter, type Watch } from './watch.js';

/** An execution that is waited for. */
export interface Watched {
  readonly executionId: string;
  /** Since when, Unix milliseconds by this machine's clock. */
  readonly since: number;
  /** As it was seen last. */
  readonly last?: Execution;
  /** When that was, or since when it has been waited for. */
  readonly shownAt: number;
  readonly dueAt: number;
  /** Reads of it that failed in a row, while the service answered others. */
  readonly troubles: number;
  /** Whether a list has shown it. */
  readonly isListed: boolean;
  /** No list is expected to show it before that moment: one that should have has not. */
  readonly unlistedUntil: number;
}

interface Entry extends Watched {
  last?: Execution;
  shownAt: number;
  dueAt: number;
  troubles: number;
  isListed: boolean;
  unlistedUntil: number;
  /** Whether a list was read to its end for it. */
  wasSought: boolean;
  readonly waiters: Set<Waiter>;
}

export type WatchedSet = ReturnType<typeof createWatched>;

const GAPS: GapLimits = { shortestMs: 1_500, longestMs: 300_000 };
/** What is due so soon after a look is looked at with it. */
export const SOON_MS = 250;
/** A list that does not show an execution may lag; later it is read by itself. */
export const SHOWN_WITHIN_MS = 45_000;
/** How long no list is expected to show an execution that one has left out. */
const UNLISTED_FOR_MS = 10 * 60_000;

/** Who waits for what, and when it is worth a look. */
export function createWatched(clock: ServiceClock, speed: number, observer: Observer) {
  const limits = { shortestMs: GAPS.shortestMs / speed, longestMs: GAPS.longestMs / speed };
  /** Entries by the form of their id in which ids are compared. */
  const entries = new Map<string, Entry>();
  const usual = createUsualDurations();
  const glimpses = createGlimpses();
  let someoneWaits = new AbortController();

  const entryOf = ({ executionId }: Watched): Entry | undefined => entries.get(idKey(executionId));

  /** @returns how long until it is due again */
  function postpone(entry: Entry): number {
    const gap = gapAfter(ageOf(entry, clock.now()), usual.of(entry.last?.task_id ?? undefined), limits);
    // An execution that cannot be read is asked for less and less often.
    const pause = entry.troubles === 0 ? 0 : delayBefore(entry.troubles + 2) / speed;
    entry.dueAt = Date.now() + Math.max(gap, pause);
    return entry.dueAt - Date.now();
  }

  function release(entry: Entry, waiter: Waiter): void {
    entry.waiters.delete(waiter);
    const key = idKey(entry.executionId);
    if (entry.waiters.size > 0 || entries.get(key) !== entry) return;
    entries.delete(key);
    if (entries.size > 0) return;
    someoneWaits.abort();
    someoneWaits = new AbortController();
  }

  function entryFor(executionId: string): Entry {
    const key = idKey(executionId);
    const known = entries.get(key);
    if (known) return known;
    const since = Date.now();
    const last = glimpses.take(key);
    // It was started a moment ago, as a rule: there is nothing to see yet.
    const entry: Entry = {
      executionId,
      since,
      ...(last ? { last } : {}),
      shownAt: since,
      dueAt: since + limits.shortestMs,
      troubles: 0,
      isListed: last !== undefined,
      unlistedUntil: 0,
      wasSought: false,
      waiters: new Set(),
    };
    entries.set(key, entry);
    return entry;
  }

  function stand(entry: Entry, execution: Execution): void {
    entry.last = execution;
    entry.troubles = 0;
    const hasEnded = !isLive(execution.status);
    const nextLookInMs = postpone(entry);
    for (const waiter of entry.waiters) waiter.see(execution, hasEnded, nextLookInMs);
    if (!hasEnded) return;
    usual.learn(execution.task_id ?? undefined, ageOf(entry, clock.now()));
    observer.onEnded?.(endOf(execution, clock.now()));
  }

  function trouble(entry: Entry, error: unknown): void {
    entry.troubles += 1;
    const nextLookInMs = postpone(entry);
    for (const waiter of entry.waiters) waiter.trouble(error, nextLookInMs);
  }

  /** Whether a list that was read so far would have shown an execution. */
  function isWithin(reach: Reach, { last }: Entry): boolean {
    if (reach.kind === 'all') return true;
    const moment = last && (reach.kind === 'changed' ? Date.parse(updatedAt(last) ?? '') : bornAt(last));
    return moment !== undefined && moment > reach.since;
  }

  return {
    size: () => entries.size,
    has: (one: Watched): boolean => entryOf(one) === one,
    all: (): Watched[] => [...entries.values()],
    due: (): Watched[] => [...entries.values()].filter(({ dueAt }) => dueAt <= Date.now() + SOON_MS / speed),
    nextDueAt: () => [...entries.values()].reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Infinity),
    /** Aborted when nobody waits any more. */
    signal: (): AbortSignal => someoneWaits.signal,

    /** Returns what a list is read for, but not for ever for one that no list shows, or whose time is unreadable. */
    awaited(): Awaited {
      const sought = [...entries.values()].filter(({ unlistedUntil }) => unlistedUntil <= Date.now());
      const births = sought.map((entry) => ({ born: entry.last && bornAt(entry.last), isNew: !entry.wasSought }));
      const isAllKnown = births.every(({ born, isNew }) => born !== undefined || !isNew);
      const oldest = births.reduce((earliest, { born = Infinity }) => Math.min(earliest, born), Infinity);
      const ids = new Set(sought.map(({ executionId }) => idKey(executionId)));
      return { ids, oldest: isAllKnown ? oldest : undefined };
    },

    add(watch: Watch): Promise<Execution> {
      const entry = entryFor(watch.executionId);
      const soon = Date.now() + limits.shortestMs;
      if (soon < entry.dueAt && entry.troubles === 0) entry.dueAt = soon;
      return new Promise<Execution>((resolve, reject) => {
        const waiter = createWaiter(watch, { resolve, reject, onSettled: (settled) => release(entry, settled) });
        entry.waiters.add(waiter);
        if (entry.last && !isLive(entry.last.status)) stand(entry, entry.last);
      });
    },

    /** Takes in how an execution stands now. @returns it if somebody waits for it */
    see(execution: Execution, by: 'list' | 'single'): Watched | undefined {
      const entry = entries.get(idKey(execution.id));
      if (!entry) {
        glimpses.note(execution);
        return undefined;
      }
      if (isOfAnotherTask(execution, entry.last)) {
        if (by === 'single') trouble(entry, ofAnotherTask(entry, execution));
        return undefined;
      }
      entry.shownAt = Date.now();
      if (by === 'list') [entry.isListed, entry.unlistedUntil] = [true, 0];
      try {
        stand(entry, execution);
      } catch (error) {
        // A fault of ours with one execution is no reason to wait for the others in vain.
        trouble(entry, error);
      }
      return entry;
    },

    /** Takes in that it has not changed since it was seen last. */
    confirm(one: Watched): void {
      const entry = entryOf(one);
      if (entry?.last) stand(entry, entry.last);
    },

    /** Takes in that a list which was read so far has not shown these. */
    missed(hidden: readonly Watched[], reach: Reach): void {
      for (const entry of hidden.flatMap((one) => entryOf(one) ?? [])) {
        if (reach.kind === 'all') entry.wasSought = true;
        const mayAppear = Date.now() - entry.since < SHOWN_WITHIN_MS / speed;
        if (!mayAppear && isWithin(reach, entry)) entry.unlistedUntil = Date.now() + UNLISTED_FOR_MS / speed;
      }
    },

    /** Takes in that a list should have shown its change, and has not. */
    unlist(one: Watched): void {
      const entry = entryOf(one);
      if (entry) entry.unlistedUntil = Date.now() + UNLISTED_FOR_MS / speed;
    },

    /** What was seen before a moment, and is not awaited, may have changed. */
    forgetBefore: glimpses.forgetBefore,

    /** Puts the next look at it off, when nothing was learnt. */
    postpone(one: Watched): void {
      const entry = entryOf(one);
      if (entry) postpone(entry);
    },

    /** Ends the waits for it with an error. */
    fail(one: Watched, error: unknown): void {
      for (const waiter of entryOf(one)?.waiters ?? []) waiter.fail(error);
    },

    /** Takes in that it could not be read. */
    trouble(one: Watched, error: unknown): void {
      const entry = entryOf(one);
      if (entry) trouble(entry, error);
    },

    /** Tells those who wait that the service could not be asked about anything. */
    troubleOthers(but: Watched | undefined, error: unknown, nextLookInMs: number): void {
      const known = but && entryOf(but);
      for (const entry of entries.values()) {
        if (entry === known) continue;
        for (const waiter of entry.waiters) waiter.trouble(error, nextLookInMs);
      }
    },
  };
}

/** Tells whose execution it is by what was seen before. */
function isOfAnotherTask({ task_id: shown }: Execution, last: Execution | undefined): boolean {
  return Boolean(shown && last?.task_id && idKey(shown) !== idKey(last.task_id));
}

function ofAnotherTask({ executionId, last }: Entry, { task_id: shown }: Execution): TaskServiceError {
  const facts = { method: 'GET', path: `/api/v1/executions/${executionId}`, status: 200, mayHaveTakenEffect: true };
  return new TaskServiceError(facts, `the answer is about an execution of task ${shown}, not of ${last?.task_id}`);
}
