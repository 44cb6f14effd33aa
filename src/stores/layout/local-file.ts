import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

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
  let bytes = 0;
  try {
    const found = await fill(async (text) => {
      const chunk = Buffer.from(text);
      hash.update(chunk);
      bytes += chunk.length;
      await handle.writeFile(chunk);
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
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  return { path, bytes, sha256: hash.digest('hex') };
}
