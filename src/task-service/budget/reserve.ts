/** A few requests that may go before the pace has earned them. The pace earns them afterwards: they are lent. */
export interface Reserve {
  readonly size: number;
  /** Milliseconds until one may be lent; 0 = now. */
  freeIn(now: number): number;
  lend(now: number): void;
}

const SIZE = 2;
/** What is lent comes back so often in a window: who always has something urgent does not starve the others. */
const REFILLS = 12;

export function createReserve(windowMs: number): Reserve {
  let level = SIZE;
  let filledAt = -Infinity;

  function fill(now: number): void {
    level = Math.min(level + ((now - filledAt) * REFILLS) / windowMs, SIZE);
    filledAt = now;
  }

  return {
    size: SIZE,
    freeIn(now) {
      fill(now);
      return (Math.max(1 - level, 0) * windowMs) / REFILLS;
    },
    lend(now) {
      fill(now);
      level -= 1;
    },
  };
}
