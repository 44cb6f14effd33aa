const LONGEST_DELAY_MS = 60_000;

/** 1 s, 2 s, 4 s, … up to a minute, each a quarter more or less: many runs that fail together do not return together. */
export function delayBefore(attempt: number): number {
  const full = Math.min(1_000 * 2 ** Math.max(attempt - 2, 0), LONGEST_DELAY_MS);
  return Math.round(full * (0.75 + Math.random() * 0.5));
}
