import { readTime } from './read-time.js';
import { createSeenRange } from './seen-range.js';

/**
 * The service's clocks as far as its answers tell. There may be several: `Date` is set by the host that answers, or by a
 * cache, and `created_at` by a database or a scheduler.
 */
export interface ServiceClock {
  /** Returns the time of the service's answers in Unix milliseconds, right to about a second; else our own. */
  now(): number;
  /** Returns a moment that is surely not later than the service's time. */
  notAfterNow(): number;
  /** Learns from an answer's `Date` header, received just now. */
  observe(date: string | null): void;
  /** Learns from the time of a creation: the request was sent at `sentAt`, and answered just now. */
  observeCreation(createdAt: unknown, sentAt: number): void;
  /** Returns how the times of creation differ from this machine's clock, in milliseconds. */
  creation(): CreationOffset;
}

/** Something created now has a time between `now + least` and `now + most`, as far as is known. */
interface CreationOffset {
  readonly least: number;
  readonly most: number;
  /** How far a time may lie outside of these bounds: a host that was not seen yet can differ. */
  readonly unsureMs: number;
}

/** `Date` and some services' `created_at` drop the fraction of a second. */
const FRACTION_MS = 1_000;
const ROUNDING_MS = 2 * FRACTION_MS;
/** What clocks that nobody compares may differ by. */
const UNKNOWN_SKEW_MS = 30_000;
/** The same `Date` for longer than that comes from a cache. */
const STALE_MS = 3_000;
/** An answer that took longer says too little about the moment in between when something was created. */
const PROMPT_MS = 3_000;
/** A step of this machine's clock, or a sleep of the machine, by more than that makes what was learnt worthless. */
const STEP_MS = 1_000;
const REMEMBERED_MS = 30 * 60_000;

/** Uncertainty before anything that was created has been seen. */
const UNSEEN_SKEW_MS = 5 * 60_000;

/** @param steadyNow milliseconds of a clock that is never set */
export function createServiceClock(
  localNow: () => number = Date.now,
  steadyNow: () => number = () => performance.now(),
): ServiceClock {
  const dates = createSeenRange(REMEMBERED_MS, steadyNow);
  const creations = createSeenRange(REMEMBERED_MS, steadyNow);
  let offset: number | undefined;
  let lastDate: { readonly shown: number; readonly firstSeen: number } | undefined;
  let drift = localNow() - steadyNow();

  function forgetAfterStep(): void {
    const driftNow = localNow() - steadyNow();
    if (Math.abs(driftNow - drift) > STEP_MS) {
      dates.forget();
      creations.forget();
      offset = undefined;
    }
    drift = driftNow;
  }

  function isStale(shown: number): boolean {
    if (lastDate?.shown !== shown) lastDate = { shown, firstSeen: steadyNow() };
    return steadyNow() - lastDate.firstSeen > STALE_MS;
  }

  return {
    now() {
      forgetAfterStep();
      return localNow() + (offset ?? 0);
    },
    notAfterNow() {
      forgetAfterStep();
      const least = dates.lately()?.least;
      return localNow() + (least === undefined ? -UNKNOWN_SKEW_MS : least - ROUNDING_MS);
    },
    observe(date) {
      forgetAfterStep();
      const shown = readTime(date);
      if (shown === undefined || isStale(shown)) return;
      offset = shown - localNow();
      dates.see(offset, offset + FRACTION_MS);
    },
    observeCreation(createdAt, sentAt) {
      forgetAfterStep();
      const created = readTime(createdAt);
      const now = localNow();
      if (created === undefined || now - sentAt > PROMPT_MS || now < sentAt) return;
      creations.see(created - now, created - sentAt + FRACTION_MS);
    },
    creation() {
      forgetAfterStep();
      const shown = dates.lately() ?? { least: 0, most: 0 };
      const seen = creations.lately();
      if (seen) {
        // Hosts whose `Date` differs are likely to differ in the times that they give, too.
        const spread = Math.min(Math.max(shown.most - shown.least - FRACTION_MS, 0), UNKNOWN_SKEW_MS);
        // However many agree, the next may come from a host that was not seen yet, or whose clock was set just now.
        return { least: seen.least - spread, most: seen.most + spread, unsureMs: UNKNOWN_SKEW_MS };
      }
      // Which of the two clocks is wrong is not known.
      const apart = Math.max(Math.abs(shown.least), Math.abs(shown.most));
      return { least: shown.least, most: shown.most, unsureMs: UNSEEN_SKEW_MS + apart };
    },
  };
}
