import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listFiles } from './list-files.js';
import { codeOf, guarded } from './local-errors.js';
import { ID_FILE, refuseOddName } from './staged-name.js';
import { CHUNK_BYTES, type StagedWriter, type Staging } from './staging.js';

/** What is read or written at once: to ask for less costs more than the work itself. */
const BLOCK_BYTES = 8 * CHUNK_BYTES;

/**
 * Staging in a directory of this machine, made if it is not there. Its id lies in it, in the file `id`: processes that
 * share the directory share the id.
 *
 * @throws StagingError
 */
export async function openLocalStaging(directory: string): Promise<Staging> {
  const root = resolve(directory);
  const id = await guarded(root, () => readOrMakeId(root));
  return {
    id,
    create: async (name) => createFile(pathOf(root, name)),
    read: (name) => readChunks(pathOf(root, name)),
    pathOf: (name) => pathOf(root, name),
    list: () => listFiles(root),
  };
}

async function readOrMakeId(root: string): Promise<string> {
  await mkdir(root, { recursive: true });
  const path = join(root, ID_FILE);
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`;
  await writeFile(draft, randomBytes(4).toString('hex'), { flag: 'wx' });
  try {
    // A link is there whole or not at all, and only the first one is made.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}

function pathOf(root: string, name: string): string {
  refuseOddName(name);
  return join(root, ...name.split('/'));
}

async function createFile(path: string): Promise<StagedWriter> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`;
  const file = await guarded(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    return open(part, 'wx');
  });
  const hash = createHash('sha256');
  const gathered: Buffer[] = [];
  let bytes = 0;
  let unwritten = 0;
  let writing = Promise.resolve();
  let isOpen = true;

  /** Resolves when what was gathered before is written. */
  async function flush(): Promise<void> {
    const chunks = gathered.splice(0);
    unwritten = 0;
    await writing;
    writing = writeAll(file, chunks);
    // It is waited for above, or by `commit`.
    writing.catch(() => undefined);
  }

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await writing.catch(() => undefined);
    await file.close();
  }

  return {
    write: (chunk) =>
      guarded(path, async () => {
        const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        hash.update(buffer);
        bytes += buffer.length;
        gathered.push(buffer);
        unwritten += buffer.length;
        if (unwritten >= BLOCK_BYTES) await flush();
      }),
    soFar: () => ({ bytes, sha256: hash.copy().digest('hex') }),
    commit: () =>
      guarded(path, async () => {
        await flush();
        await writing;
        await file.sync();
        await close();
        await rename(part, path);
        await syncDirectory(dirname(path));
        return { uri: pathToFileURL(path).href, bytes, sha256: hash.digest('hex') };
      }),
    async abort() {
      await close();
      await rm(part, { force: true });
    },
  };
}

async function writeAll(file: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  if (chunks.length === 0) return;
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten === chunks.reduce((bytes, chunk) => bytes + chunk.length, 0)) return;
  const all = Buffer.concat(chunks);
  for (let at = bytesWritten; at < all.length;) at += (await file.write(all, at)).bytesWritten;
}

/** A rename is durable only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Two buffers take turns: while one is looked at, the other is filled. Buffers that come and go pile up as garbage. */
async function* readChunks(path: string): AsyncGenerator<Buffer> {
  const file = await guarded(path, () => open(path, 'r'));
  const read = (buffer: Buffer): Promise<Buffer> =>
    guarded(path, async () => buffer.subarray(0, (await file.read(buffer, 0, BLOCK_BYTES)).bytesRead));
  let [filled, free] = [Buffer.alloc(BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES)];
  let reading = read(filled);
  try {
    for (;;) {
      const block = await reading;
      if (block.length === 0) return;
      [filled, free] = [free, filled];
      reading = read(filled);
      for (let start = 0; start < block.length; start += CHUNK_BYTES) yield block.subarray(start, start + CHUNK_BYTES);
    }
  } finally {
    await reading.catch(() => undefined);
    await file.close();
  }
}
