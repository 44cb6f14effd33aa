import type { Waits } from '../../domain/waits.js';
import type { ListedFile } from './manifest.js';
import type { LocalFile } from './local-file.js';

/** Where a store keeps its tables: a folder of this machine, or a bucket. Table names were checked by whoever asks. */
export interface Place {
  /**
   * Fails where a load would: nobody answers, or nothing may be written. Changes no table.
   *
   * @throws StoreError
   */
  requireUsable(table: string): Promise<void>;
  /** @param waits of the load that asks */
  table(table: string, waits?: Waits): TablePlace;
  /** What may be tables: where there is no manifest, there is none. */
  tables(): Promise<readonly string[]>;
  close(): void;
}

/** Where the files of one table are. Names have `/` between a folder and what is in it. */
export interface TablePlace {
  /** @returns undefined where the table does not exist */
  readManifest(signal?: AbortSignal): Promise<SeenManifest | undefined>;
  /**
   * Writes the manifest, whole or not at all, if it still is the one that was seen.
   *
   * @returns false where it is not: somebody else was faster
   */
  swapManifest(text: string, seen: SeenManifest | undefined, signal: AbortSignal): Promise<boolean>;
  /** Makes a file readable on this machine, in `work` if need be. @returns its path */
  fetch(file: ListedFile, work: string, signal?: AbortSignal): Promise<string>;
  /**
   * Puts a local file under a name, whole or not at all. The local one may be gone afterwards.
   *
   * @returns false where other bytes have that name which must not be overwritten
   */
  put(file: LocalFile, name: string, signal: AbortSignal): Promise<boolean>;
  /** What is not there is as good as removed. */
  remove(names: readonly string[]): Promise<void>;
  /**
   * Does a load's work when it is its turn, with a folder for its own files that is gone afterwards. Whoever cannot be
   * kept out meets the others in {@link swapManifest}.
   */
  inTurn<Result>(signal: AbortSignal, work: (folder: string) => Promise<Result>): Promise<Result>;
}

/** A manifest as it was read, with what tells whether it is still the same. */
export interface SeenManifest {
  readonly text: string;
  readonly version: string;
}
