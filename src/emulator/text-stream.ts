const CHUNK_LENGTH = 64 * 1024;

/**
 * Bytes of the pieces, made when the reader asks for them and not before: a file of any size takes the memory of one chunk.
 *
 * @param breakOff called after the last piece instead of ending the stream
 */
export function textStream(pieces: Iterable<string>, breakOff?: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = pieces[Symbol.iterator]();

  function nextChunk(): string {
    let chunk = '';
    while (chunk.length < CHUNK_LENGTH) {
      const { done, value } = iterator.next();
      if (done) break;
      chunk += value;
    }
    return chunk;
  }

  return new ReadableStream(
    {
      pull(controller) {
        const chunk = nextChunk();
        if (chunk !== '') controller.enqueue(encoder.encode(chunk));
        else if (breakOff) breakOff();
        else controller.close();
      },
      cancel() {
        iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
