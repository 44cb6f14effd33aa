import type { StagedEntry } from './staging.js';

/** What lies in one folder, without a slash at its end. */
export type StagedFolder = readonly [folder: string, entries: readonly StagedEntry[]];

/** Entries of one folder follow each other. */
export async function* byFolder(entries: AsyncIterable<StagedEntry>): AsyncGenerator<StagedFolder> {
  let folder: string | undefined;
  let inFolder: StagedEntry[] = [];
  for await (const entry of entries) {
    const of = entry.name.slice(0, Math.max(entry.name.lastIndexOf('/'), 0));
    if (folder !== undefined && of !== folder) {
      yield [folder, inFolder];
      inFolder = [];
    }
    folder = of;
    inFolder.push(entry);
  }
  if (folder !== undefined) yield [folder, inFolder];
}
