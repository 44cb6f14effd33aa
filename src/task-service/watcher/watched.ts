import { isLive } from '../../domain/status.js';
import type { End, Observer } from '../observer.js';
import type { ServiceClock } from '../service-clock.js';
import { createdAt, endedAt, type Execution } from '../wire.js';
import type { Awaited } from './list-scan.js';
import { createGlimpses } from './glimpses.js';
import { gapAfter, type GapLimits } from './look-gap.js';
import { createUsualDurations } from './usual-durations.js';

export interface Watch {
  readonly executionId: string;
  readonly signal: AbortSignal;
  /** What else ends the wait, beside the execution's own end. */
  readonly until: (execution: Execution) => boolean;
  /** Told after every look at the service. */
  readonly onLook: (execution: Execution, nextLookInMs: number) => void;
  /** Told when the service could not be asked; ends the wait if it throws. */
  readonly onTrouble: (error: unknown, nextLookInMs: number) => void;
}

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
}

interface Entry extends Watched {
  last?: Execution;
  shownAt: number;
  dueAt: number;
  readonly waiters: Set<Waiter>;
}

interface Waiter {
  readonly watch: Watch;
  readonly end: (execution: Execution) => void;
  readonly fail: (error: unknown) => void;
}

const GAPS: GapLimits = { shortestMs: 1_500, longestMs: 300_000 };
/** What is due so soon after a look is looked at with it. */
const SOON_MS = 250;

/** Who waits for what, and when it is worth a look. */
export function createWatched(clock: ServiceClock, speed: number, observer: Observer) {
  const limits = { shortestMs: GAPS.shortestMs / speed, longestMs: GAPS.longestMs / speed };
  const entries = new Map<string, Entry>();
  const usual = createUsualDurations();
  const glimpses = createGlimpses();
  let someoneWaits = new AbortController();

  function ageOf({ last, since }: Entry): number {
    const born = last === undefined ? Number.NaN : Date.parse(createdAt(last) ?? '');
    const waited = Date.now() - since;
    // It cannot be younger than that, whatever the service's clock says.
    return Number.isNaN(born) ? waited : Math.max(clock.now() - born, waited);
  }

  function endOf(execution: Execution): End {
    const iso = endedAt(execution);
    if (iso === undefined) return { at: undefined, delayMs: undefined };
    const at = Date.parse(iso);
    return { at, delayMs: Math.max(clock.now() - at, 0) };
  }

  /** @returns how long until it is due again */
  function postpone(entry: Entry): number {
    const gap = gapAfter(ageOf(entry), usual.of(entry.last?.task_id ?? undefined), limits);
    entry.dueAt = Date.now() + gap;
    return gap;
  }

  function release(entry: Entry, waiter: Waiter): void {
    entry.waiters.delete(waiter);
    if (entry.waiters.size > 0 || entries.get(entry.executionId) !== entry) return;
    entries.delete(entry.executionId);
    if (entries.size > 0) return;
    someoneWaits.abort();
    someoneWaits = new AbortController();
  }

  function entryFor(executionId: string): Entry {
    const known = entries.get(executionId);
    if (known) return known;
    const since = Date.now();
    const last = glimpses.take(executionId);
    // It was started a moment ago, as a rule: there is nothing to see yet.
    const entry: Entry = {
      executionId,
      since,
      ...(last ? { last } : {}),
      shownAt: since,
      dueAt: since + limits.shortestMs,
      waiters: new Set(),
    };
    entries.set(executionId, entry);
    return entry;
  }

  function stand(entry: Entry, execution: Execution): void {
    entry.last = execution;
    const hasEnded = !isLive(execution.status);
    if (hasEnded) {
      usual.learn(execution.task_id ?? undefined, ageOf(entry));
      observer.onEnded?.(endOf(execution));
    }
    const nextLookInMs = postpone(entry);
    for (const waiter of entry.waiters) {
      if (hasEnded || waiter.watch.until(execution)) waiter.end(execution);
      else waiter.watch.onLook(execution, nextLookInMs);
    }
  }

  return {
    size: () => entries.size,
    all: (): Watched[] => [...entries.values()],
    due: (): Watched[] => [...entries.values()].filter(({ dueAt }) => dueAt <= Date.now() + SOON_MS / speed),
    nextDueAt: () => [...entries.values()].reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Infinity),
    /** Aborted when nobody waits any more. */
    signal: (): AbortSignal => someoneWaits.signal,

    awaited(): Awaited {
      const births = [...entries.values()].map(({ last }) => Date.parse((last && createdAt(last)) ?? ''));
      const oldest = births.reduce((one, other) => Math.min(one, other), Infinity);
      return { ids: new Set(entries.keys()), oldest: Number.isNaN(oldest) ? undefined : oldest };
    },

    add(watch: Watch): Promise<Execution> {
      const entry = entryFor(watch.executionId);
      const soon = Date.now() + limits.shortestMs;
      if (soon < entry.dueAt) entry.dueAt = soon;
      return new Promise<Execution>((resolve, reject) => {
        const onAbort = (): void => waiter.fail(watch.signal.reason);
        const settle = (): void => {
          watch.signal.removeEventListener('abort', onAbort);
          release(entry, waiter);
        };
        const waiter: Waiter = {
          watch,
          end(execution) {
            settle();
            resolve(execution);
          },
          fail(error) {
            settle();
            reject(error);
          },
        };
        entry.waiters.add(waiter);
        watch.signal.addEventListener('abort', onAbort);
        if (entry.last && !isLive(entry.last.status)) stand(entry, entry.last);
      });
    },

    /** How an execution stands now. */
    see(execution: Execution): void {
      const entry = entries.get(execution.id);
      if (!entry) return glimpses.note(execution);
      entry.shownAt = Date.now();
      stand(entry, execution);
    },

    /** It has not changed since it was seen last. */
    confirm({ executionId }: Watched): void {
      const entry = entries.get(executionId);
      if (entry?.last) stand(entry, entry.last);
    },

    /** What was seen before a moment, and is not awaited, may have changed. */
    forgetBefore: glimpses.forgetBefore,

    /** Nothing was learnt of it: it is looked at again later. */
    postpone({ executionId }: Watched): void {
      const entry = entries.get(executionId);
      if (entry) postpone(entry);
    },

    /** It cannot be waited for. */
    fail({ executionId }: Watched, error: unknown): void {
      for (const waiter of entries.get(executionId)?.waiters ?? []) waiter.fail(error);
    },

    /** The service could not be asked about anything. */
    trouble(error: unknown, nextLookInMs: number): void {
      for (const { waiters } of entries.values()) {
        for (const waiter of waiters) {
          try {
            waiter.watch.onTrouble(error, nextLookInMs);
          } catch (verdict) {
            waiter.fail(verdict);
          }
        }
      }
    },
  };
}
