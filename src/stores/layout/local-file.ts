import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { isErrno } from './file-failure.js';

/** A whole file on this machine that somebody may read. */
export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Writes a file by what `fill` writes to it, and tells what else `fill` has found out. */
export async function writeLocalFile<Found>(
  path: string,
  fill: (write: (text: string) => Promise<void>) => Promise<Found>,
): Promise<{ readonly file: LocalFile; readonly found: Found }> {
  const handle = await open(path, 'w');
  const hash = createHash('sha256');
  let buffer = Buffer.alloc(0);
  let bytes = 0;
  try {
    const found = await fill(async (text) => {
      const length = Buffer.byteLength(text);
      // One for all of them: buffers that come and go pile up as garbage.
      if (length > buffer.length) buffer = Buffer.alloc(length);
      const chunk = buffer.subarray(0, buffer.write(text));
      hash.update(chunk);
      bytes += chunk.length;
      await writeTo(handle, path, chunk);
    });
    return { file: { path, bytes, sha256: hash.digest('hex') }, found };
  } finally {
    await handle.close();
  }
}

/** What a file is that somebody else has written. */
export async function localFile(path: string): Promise<LocalFile> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { path, bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

/** Writes what a stream brings. */
export async function saveStream(
  source: AsyncIterable<Uint8Array>,
  path: string,
  signal?: AbortSignal,
): Promise<LocalFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(path, 'w');
  try {
    for await (const chunk of source) {
      signal?.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.length;
      await writeTo(handle, path, chunk);
    }
  } finally {
    await handle.close();
  }
  return { path, bytes, sha256: hash.digest('hex') };
}

/** What fails on an open file does not say which it is. */
async function writeTo(handle: FileHandle, path: string, chunk: Uint8Array): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (error) {
    throw isErrno(error) ? Object.assign(error, { path }) : error;
  }
}
