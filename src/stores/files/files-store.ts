import type { Column } from '../../domain/rows.js';
import type { PublishReceipt } from '../../domain/run.js';
import type { FilesStoreConfig } from '../../domain/store-config.js';
import { supersededReceipt } from '../load-receipt.js';
import {
  isSuperseded,
  mergeKey,
  refused,
  requireAllowed,
  requirePossible,
  unitedColumns,
} from '../publication-rules.js';
import type { Load, Store } from '../store.js';
import { changeTable } from './change-table.js';
import { fileFailure } from './file-failure.js';
import { tableFolder } from './file-names.js';
import { readLastRows, readRejects } from './kept-rejects.js';
import { readManifest, writeManifest, type Manifest } from './manifest.js';
import { findReceipt, withReceipt } from './manifest-receipts.js';
import { createRowIdentity } from './row-identity.js';
import { removeEmptyFolder, removeParts, requireWritable } from './table-folder.js';
import { readUniqueKeys } from './table-keys.js';
import { lockTable } from './table-lock.js';

/**
 * JSON Lines on one machine: `<directory>/<table>/<run>.jsonl`, `_manifest.json`, `_rejects/<run>.jsonl`. Only what the
 * manifest lists is data; it is written last, so a publication is there as a whole or not at all. Loads of one table
 * take turns. A table that is deleted is deleted with its folder, receipts and all.
 *
 * A `replace` that is superseded changes nothing: its rows count as unchanged, its rejects are not kept.
 */
export function openFilesStore({ directory }: FilesStoreConfig): Store {
  return {
    async check(publication, owner, columns) {
      requirePossible(publication, columns);
      const folder = tableFolder(directory, publication.table);
      try {
        await requireWritable(folder);
        const manifest = await readManifest(folder);
        requireAllowed(publication, owner, recordOf(manifest));
        const united = unitedWith(manifest, publication.table, columns ?? []);
        const key = mergeKey(publication);
        if (manifest !== undefined && manifest.key === undefined && key !== undefined) {
          await readUniqueKeys(folder, manifest, createRowIdentity(united, key));
        }
      } catch (error) {
        throw fileFailure(error);
      }
    },
    async publish(load) {
      const { publication, columns } = load;
      requirePossible(publication, columns);
      const folder = tableFolder(directory, publication.table);
      const caller = watchCaller(load);
      try {
        return await publishLocked(folder, caller.load);
      } catch (error) {
        throw caller.failedWith(error) ? error : fileFailure(error);
      }
    },
    lastRows: (table, exceptRun) => readLastRows(tableFolder(directory, table), exceptRun),
    rejects: (filter) => readRejects(directory, filter),
    async replay({ table }) {
      throw refused(table, 'rejects of a files store cannot be replayed');
    },
    close: () => Promise.resolve(),
  };
}

async function publishLocked(folder: string, load: Load): Promise<PublishReceipt> {
  load.signal.throwIfAborted();
  const lock = await lockTable(folder, load.signal);
  try {
    const manifest = await readManifest(folder);
    const found = findReceipt(load, manifest);
    if (found !== undefined) {
      return found;
    }
    await removeParts(folder);
    const { publication, owner, at } = load;
    requireAllowed(publication, owner, recordOf(manifest));
    const columns = unitedWith(manifest, publication.table, load.columns);
    if (manifest !== undefined && isSuperseded(publication.mode, at, manifest.replacedAt)) {
      const receipt = supersededReceipt(load);
      await lock.requireHeld();
      await writeManifest(folder, withReceipt(manifest, load, receipt));
      return receipt;
    }
    return await changeTable(folder, load, manifest, columns, lock);
  } finally {
    await lock.release();
    await removeEmptyFolder(folder);
  }
}

function recordOf(
  manifest: Manifest | undefined,
): (Pick<Manifest, 'owner'> & { readonly key: Manifest['key'] }) | undefined {
  return manifest === undefined ? undefined : { owner: manifest.owner, key: manifest.key };
}

function unitedWith(manifest: Manifest | undefined, table: string, columns: readonly Column[]): readonly Column[] {
  const have = (manifest?.columns ?? []).map(({ name, type }) => ({ name, type, holds: type }));
  return unitedColumns(table, have, columns);
}

/** A file that fails under the caller's own rows is no matter of this store. */
function watchCaller(load: Load): { readonly load: Load; failedWith(error: unknown): boolean } {
  const errors = new Set<unknown>();
  async function* watched<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* source;
    } catch (error) {
      errors.add(error);
      throw error;
    }
  }
  return {
    load: { ...load, rows: watched(load.rows), rejects: watched(load.rejects) },
    failedWith: (error) => errors.has(error),
  };
}
