import { orAborted } from '../domain/or-aborted.js';

/** Reads `source` until `signal` aborts, even while the source itself hangs. Throws the signal's reason then. */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let finished = false;
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      if (next.done === true) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!finished) {
      // Not awaited: a generator that hangs returns only when its own wait ends.
      iterator.return?.().catch(() => undefined);
    }
  }
}
