/** Reads `source` until `signal` aborts, even while the source itself hangs. Throws the signal's reason then. */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const { promise: aborted, dispose } = rejectedOnAbort(signal);
  let finished = false;
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    dispose();
    if (!finished) {
      // Not awaited: a generator that hangs returns only when its own wait ends.
      iterator.return?.().catch(() => undefined);
    }
  }
}

/** Rejects with the signal's reason when it aborts, at once if it has; nobody need listen. */
export function rejectedOnAbort(signal: AbortSignal): {
  readonly promise: Promise<never>;
  readonly dispose: () => void;
} {
  let dispose = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason);
    dispose = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) {
      abort();
    } else {
      signal.addEventListener('abort', abort, { once: true });
    }
  });
  promise.catch(() => undefined);
  return { promise, dispose: () => dispose() };
}
