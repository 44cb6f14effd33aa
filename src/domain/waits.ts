/**
 * `turn`: others are served first, or a server is slow; the wait ends by itself. `lock`: somebody holds what is needed, and
 * nobody knows for how long.
 */
type WaitKind = 'turn' | 'lock';

/**
 * The place of a load or an export among the few that work at once. Work that waits for somebody else gives its place up
 * meanwhile, so that no wait holds up what others do.
 */
export interface Waits {
  /** How long a lock is waited for. After that the work fails, and is tried again later. */
  readonly longestMs: number;
  /**
   * Gives the place up and says what is waited for. May be called again, with other words.
   *
   * @returns false where enough work waits for locks already: this one should come back later
   */
  begin(waitingFor: string, kind: WaitKind): boolean;
  /** Resolves when there is a place again; at once where none was given up. Rejects with the signal's reason. */
  end(): Promise<void>;
}

/** Waits of work that has no place to give up: a check, or a command that a person has called. */
export const NO_WAITS: Waits = { longestMs: 60_000, begin: () => true, end: () => Promise.resolve() };

/** Shorter waits are not worth a change of places. */
export const A_MOMENT_MS = 1_000;

/** Waits for a server's answer. The place is given up where that takes longer than `afterMs`. */
export async function givingWay<Result>(
  waits: Waits,
  waitingFor: () => string,
  wait: () => Promise<Result>,
  afterMs = A_MOMENT_MS,
): Promise<Result> {
  const timer = setTimeout(() => waits.begin(waitingFor(), 'turn'), afterMs);
  try {
    return await wait();
  } finally {
    clearTimeout(timer);
    await waits.end();
  }
}
