import { opendir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { guarded } from './local-errors.js';
import type { StagedEntry } from './staging.js';

/** The name of a file that is being written. */
const PART = /^(.+)\.[0-9a-f]{8}\.part$/;

/** What lies in the folders of a directory. */
export async function* listFiles(root: string): AsyncGenerator<StagedEntry> {
  const folders = await guarded(root, () => opendir(root));
  for await (const folder of folders) {
    if (!folder.isDirectory()) continue;
    const path = join(root, folder.name);
    for (const file of await guarded(path, () => readdir(path))) {
      const entry = await entryOf(join(path, file), `${folder.name}/${file}`);
      if (entry) yield entry;
    }
  }
}

/** Undefined: it is gone in this moment. */
async function entryOf(path: string, written: string): Promise<StagedEntry | undefined> {
  const facts = await stat(path).catch(() => undefined);
  const [, name] = PART.exec(written) ?? [];
  return (
    facts && {
      name: name ?? written,
      changedAt: facts.mtime,
      isFinished: name === undefined,
      remove: () =>
        guarded(path, async () => {
          await rm(path, { force: true });
          // Who is not the last one leaves the folder.
          await rmdir(dirname(path)).catch(() => undefined);
        }),
    }
  );
}
