import { StoreError } from '../store.js';
import { versionedName } from './file-names.js';
import type { LocalFile } from './local-file.js';
import type { TablePlace } from './place.js';

/** Puts the files of one load into their place, and remembers all of them, also those of work that was done again. */
export interface PlacedFiles {
  /**
   * Puts a file under its name, or under one that tells its bytes where the name is taken: by an earlier attempt of the
   * same run that came to nothing, or by what the run has published before.
   *
   * @param isTaken it is known to be
   * @returns the name that it got
   */
  put(file: LocalFile, name: string, isTaken: boolean): Promise<string>;
  /** What lies there and is not among these names. */
  notAmong(listed: ReadonlySet<string>): readonly string[];
}

export function placeFiles(place: TablePlace, signal: AbortSignal): PlacedFiles {
  const placed = new Map<string, string | undefined>();

  async function tryName(file: LocalFile, name: string): Promise<boolean> {
    if (placed.get(name) === file.sha256) {
      return true;
    }
    const isOurs = !placed.has(name) && (await place.put(file, name, signal));
    placed.set(name, isOurs ? file.sha256 : placed.get(name));
    return isOurs;
  }

  return {
    async put(file, name, isTaken) {
      if (!isTaken && (await tryName(file, name))) {
        return name;
      }
      const other = versionedName(name, file.sha256);
      if (await tryName(file, other)) {
        return other;
      }
      throw new StoreError(
        'unavailable',
        `${other} is being written by another load of the same run: try again later.`,
      );
    },
    notAmong: (listed) => [...placed.keys()].filter((name) => !listed.has(name)),
  };
}
