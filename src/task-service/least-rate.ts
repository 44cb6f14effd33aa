/** A service that is slow and honest is far above that; at less, a megabyte takes a quarter of an hour. */
const LEAST_BYTES_A_SECOND = 1_024;
const WINDOW_MS = 60_000;

/** Time waited for the service, and the bytes that came of it. */
export interface LeastRate {
  /**
   * Call it with each piece that came. Only time that was spent waiting for the service counts, and only a whole minute of
   * it: a small export is never too slow, and neither is one that our own disk or checks hold back.
   *
   * @throws Error where hardly anything comes
   */
  add(bytes: number, waitedMs: number): void;
}

export function requireLeastRate(): LeastRate {
  let [bytes, waitedMs] = [0, 0];
  return {
    add(more, waitedForIt) {
      bytes += more;
      waitedMs += waitedForIt;
      if (waitedMs < WINDOW_MS) return;
      if (bytes < (LEAST_BYTES_A_SECOND * waitedMs) / 1_000) {
        const seconds = Math.round(waitedMs / 1_000);
        throw new Error(`only ${bytes} bytes came in ${seconds} s of waiting, less than 1 kB a second`);
      }
      [bytes, waitedMs] = [0, 0];
    },
  };
}
