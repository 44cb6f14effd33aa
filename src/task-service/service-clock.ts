/** The service's clock as far as its answers tell: their `Date` headers, which count whole seconds. */
export interface ServiceClock {
  /** The service's time now, Unix milliseconds: right to about a second, else this machine's own. */
  now(): number;
  /** A moment that is surely not later than the service's now: what is created from here on is not older. */
  notAfterNow(): number;
  /** A time of a clock that we cannot compare (Temporal's), as a moment of the service's that is surely not later. */
  notAfter(time: number): number;
  /** Learns from an answer's `Date` header, received just now. */
  observe(date: string | null): void;
}

/** `Date` and some services' `created_at` drop the fraction of a second: one each. */
const ROUNDING_MS = 2_000;
/** What clocks that nobody compares may differ by. */
const UNKNOWN_SKEW_MS = 30_000;

export function createServiceClock(localNow: () => number = Date.now): ServiceClock {
  let offset: number | undefined;
  const now = (): number => localNow() + (offset ?? 0);
  return {
    now,
    notAfterNow: () => now() - (offset === undefined ? UNKNOWN_SKEW_MS : ROUNDING_MS),
    notAfter: (time) => time + (offset ?? 0) - UNKNOWN_SKEW_MS,
    observe(date) {
      const shown = Date.parse(date ?? '');
      if (!Number.isNaN(shown)) offset = shown - localNow();
    },
  };
}
