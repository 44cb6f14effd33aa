import { A_MOMENT_MS, givingWay, type Waits } from '../domain/waits.js';

/** A download that is slower keeps nothing busy that another one could use. */
const SLOW_BYTES_A_SECOND = 64 * 1024;

/**
 * Reads a download. While the service lets it wait, others have its place: after a moment, and at once where it has turned
 * out to be slow, for one that trickles never lets us wait for long.
 */
export async function* chunksGivingWay(
  chunks: AsyncIterable<Buffer>,
  waits: Waits,
  waitingFor: () => string,
): AsyncGenerator<Buffer> {
  const reader = chunks[Symbol.asyncIterator]();
  let [all, bytes, waitedMs, isSlow, isOver] = [0, 0, 0, false, false];
  const told = (): string => `more of ${waitingFor()}, ${all} bytes came so far`;

  async function read(): Promise<IteratorResult<Buffer>> {
    const since = performance.now();
    const next = await reader.next();
    waitedMs += performance.now() - since;
    return next;
  }

  try {
    for (;;) {
      const next = await givingWay(waits, told, read, isSlow ? 0 : A_MOMENT_MS);
      isOver = next.done === true;
      if (next.done === true) return;
      all += next.value.length;
      bytes += next.value.length;
      if (waitedMs >= A_MOMENT_MS) {
        isSlow = bytes < (SLOW_BYTES_A_SECOND * waitedMs) / 1_000;
        [bytes, waitedMs] = [0, 0];
      }
      yield next.value;
    }
  } finally {
    if (!isOver) await reader.return?.();
  }
}
