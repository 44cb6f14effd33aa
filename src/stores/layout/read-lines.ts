import { createReadStream } from 'node:fs';

/** The lines of a file in batches. Not `readline`: it takes U+2028 for the end of a line, which a JSON string may hold. */
export async function* readLines(path: string, signal?: AbortSignal): AsyncGenerator<readonly string[]> {
  let rest = '';
  const chunks: AsyncIterable<string> = createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') {
    yield [rest];
  }
}

const CHUNK_BYTES = 64 * 1024;
