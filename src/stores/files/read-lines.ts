import { createReadStream } from 'node:fs';
import { StoreError } from '../store.js';
import { isErrno } from './file-failure.js';

/**
 * The lines of a file that the manifest lists, in batches. Not `readline`: it takes U+2028 for the end of a line, which a JSON string may hold.
 */
export async function* readLines(path: string, signal?: AbortSignal): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of readChunks(path)) {
    signal?.throwIfAborted();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') {
    yield [rest];
  }
}

async function* readChunks(path: string): AsyncGenerator<string> {
  try {
    yield* createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES });
  } catch (cause) {
    if (isErrno(cause) && cause.code === 'ENOENT') {
      const told = `${path} is gone, but the manifest lists it: put it back, or remove the table's folder.`;
      throw new StoreError('rejected', told, { cause });
    }
    throw cause;
  }
}

const CHUNK_BYTES = 1 << 20;
