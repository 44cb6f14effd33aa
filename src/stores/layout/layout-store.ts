import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Column } from '../../domain/rows.js';
import type { Publication } from '../../domain/run.js';
import { mergeKey, requireAllowed, requirePossible } from '../publication-rules.js';
import { StoreError, type KeptReject, type RejectFilter, type Store } from '../store.js';
import { fileFailure, isErrno } from './file-failure.js';
import { requireFolderName } from './file-names.js';
import type { Format } from './formats/format.js';
import { lookAtManifest, readKeptRejects } from './rejects/kept-rejects.js';
import { columnsWith, recordOf } from './manifest.js';
import type { Place } from './place.js';
import { publishLoad } from './publish-load.js';
import { replayRows } from './rejects/replay-rows.js';
import type { Layout } from './table-change.js';
import { requireUniqueKeys } from './table-keys.js';
import { makeTemporaryFolder, withTemporaryFolder } from './temporary-folder.js';
import { watchSources } from './watched-sources.js';

/**
 * A store of files: `<table>/<run>.<ending>`, `_manifest.json`, `_rejects/<run>.jsonl`. Only what the manifest lists is
 * data; it is written last, so a publication is there as a whole or not at all. A table that is deleted is deleted with its
 * folder, receipts and all.
 *
 * A `replace` that is superseded changes nothing: its rows count as unchanged, its rejects are not kept.
 */
export function openLayoutStore(place: Place, format: Format, { keysAtOnce = KEYS_AT_ONCE } = {}): Store {
  const layout: Layout = { format, keysAtOnce };
  return {
    check: (publication, owner, columns) => guarded(() => checkPublication(place, layout, publication, owner, columns)),
    async preview(publication, owner, columns) {
      await guarded(() => checkPublication(place, layout, publication, owner, columns));
      return [];
    },
    async publish(load) {
      requireFolderName(load.publication.table);
      const table = place.table(load.publication.table, load.waits);
      const { watch, hasThrown } = watchSources();
      const watched = { ...load, rows: watch(load.rows), rejects: watch(load.rejects) };
      return guarded(() => publishLoad(layout, table, watched), hasThrown);
    },
    lastRows: (table, exceptRun) => guarded(() => readLastRows(place, table, exceptRun)),
    rejects: (filter) => readRejects(place, filter),
    async replay(replay) {
      requireFolderName(replay.table);
      const { watch, hasThrown } = watchSources();
      const watched = { ...replay, rows: watch(replay.rows) };
      return guarded(() => replayRows(layout, place.table(replay.table), watched), hasThrown);
    },
    close: () => Promise.resolve(place.close()),
  };
}

/** A key takes some 300 bytes of memory. */
const KEYS_AT_ONCE = 500_000;

async function checkPublication(
  place: Place,
  layout: Layout,
  publication: Publication,
  owner: string,
  columns: readonly Column[] | undefined,
): Promise<void> {
  const { table } = publication;
  requirePossible(publication, columns);
  requireFolderName(table);
  await place.requireUsable(table);
  const manifest = await lookAtManifest(table, place.table(table));
  requireAllowed(publication, owner, recordOf(manifest));
  const united = columnsWith(manifest, table, columns ?? []);
  layout.format.requireColumns(table, united);
  const key = mergeKey(publication);
  if (manifest !== undefined && manifest.key === undefined && key !== undefined) {
    await withTemporaryFolder((work) => {
      const { signal } = new AbortController();
      return requireUniqueKeys({ layout, place: place.table(table), work, manifest, columns: united, signal }, key);
    });
  }
}

async function readLastRows(place: Place, table: string, exceptRun: string): Promise<number | undefined> {
  requireFolderName(table);
  const manifest = await lookAtManifest(table, place.table(table));
  return manifest?.receipts.findLast(({ run, superseded }) => run !== exceptRun && !superseded)?.rows;
}

async function* readRejects(place: Place, filter: RejectFilter): AsyncGenerator<readonly KeptReject[]> {
  if (filter.table !== undefined) {
    requireFolderName(filter.table);
  }
  const work = await makeTemporaryFolder().catch((error: unknown) => {
    if (!isErrno(error)) throw error;
    const message = `the temporary folder ${tmpdir()} (TMPDIR) cannot be used: ${error.code}; name one that this process can write to`;
    throw new StoreError('rejected', message, { cause: error });
  });
  try {
    yield* readKeptRejects(place, filter, work);
  } catch (error) {
    throw fileFailure(error);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function guarded<Result>(
  work: () => Promise<Result>,
  isForeign: (error: unknown) => boolean = () => false,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isForeign(error) ? error : fileFailure(error);
  }
}
