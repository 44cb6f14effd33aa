import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file under construction: nobody sees it under its name before it is whole and on the disk. */
export interface PartFile {
  /** Where it lies until then. */
  readonly path: string;
  write(text: string): Promise<void>;
  /** Makes the file appear under its name, replacing one that is there. */
  publish(): Promise<FileFacts>;
  /** Removes what was written. Harmless after `publish`. */
  discard(): Promise<void>;
}

interface FileFacts {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Writes to `<path>.part` until it is published. */
export async function openPartFile(path: string): Promise<PartFile> {
  const part = `${path}${PART_ENDING}`;
  const file = await open(part, 'w');
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    path: part,
    async write(text) {
      const chunk = Buffer.from(text);
      hash.update(chunk);
      bytes += chunk.length;
      await file.writeFile(chunk);
    },
    async publish() {
      await file.sync();
      await file.close();
      await rename(part, path);
      await syncFolder(dirname(path));
      return { bytes, sha256: hash.digest('hex') };
    },
    async discard() {
      await file.close().catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}

export const PART_ENDING = '.part';

/** Without it a rename may be lost with the power. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
