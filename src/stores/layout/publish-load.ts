import type { Column } from '../../domain/rows.js';
import type { PublishReceipt } from '../../domain/run.js';
import { abortable } from '../abortable.js';
import { publishedReceipt, requireAccepted, requireWholeLoad, supersededReceipt } from '../load-receipt.js';
import { isSuperseded, mergeKey, requireAllowed, requirePossible } from '../publication-rules.js';
import type { Load } from '../store.js';
import { changeManifest, type Change } from './change-manifest.js';
import { addDataFile, changeTable, type ChangedTable } from './change-table.js';
import { rejectsFileName } from './file-names.js';
import { layDown, requireSameTypes, type LaidDownRows } from './incoming-load.js';
import type { LocalFile } from './local-file.js';
import { columnsWith, recordOf, widenedColumns, type ListedFile } from './manifest.js';
import { findReceipt, withReceipt } from './manifest-receipts.js';
import { nextManifest, withSuperseded } from './next-manifest.js';
import type { TablePlace } from './place.js';
import { placeFiles, type PlacedFiles } from './placed-files.js';
import { createDocumentTaker } from './take-document.js';
import { sortRejects } from './rejects/sorted-rejects.js';
import type { Layout } from './table-change.js';

/** Publishes one run's rows: the files first, then the manifest that lists them. */
export async function publishLoad(layout: Layout, place: TablePlace, load: Load): Promise<PublishReceipt> {
  requirePossible(load.publication, load.columns);
  load.signal.throwIfAborted();
  return place.inTurn(load.signal, async (work) => {
    let incoming: IncomingLoad | undefined;
    const placed = placeFiles(place, load.signal);
    const takeDocument = createDocumentTaker(layout.format, load, work);
    const { table } = load.publication;
    return changeManifest(table, place, load.signal, async (manifest): Promise<Change<PublishReceipt>> => {
      const found = findReceipt(load, manifest);
      if (found !== undefined) {
        return { next: undefined, result: found };
      }
      requireAllowed(load.publication, load.owner, recordOf(manifest));
      const columns = columnsWith(manifest, table, load.columns);
      layout.format.requireColumns(table, columns);
      if (manifest !== undefined && isSuperseded(load.publication.mode, load.at, manifest.replacedAt)) {
        const result = supersededReceipt(load);
        return { next: withReceipt(manifest, load, result, undefined), result };
      }
      const { publication, run, signal } = load;
      const isWhole = load.isRehearsal !== true && widenedColumns(manifest, columns).length === 0;
      const mayTake = incoming === undefined && isWhole;
      const document = mayTake ? await takeDocument(manifest, columns) : undefined;
      const base = { layout, place, placed, work, publication, manifest, columns, signal };
      let changed: ChangedTable;
      let [rejected, rejects]: [number, ListedFile | undefined] = [0, undefined];
      if (document === undefined) {
        incoming ??= await takeLoad(layout, load, columns, work);
        requireSameTypes(table, incoming.rows, columns);
        requireAccepted(load, incoming.rows);
        if (load.isRehearsal === true) return { next: undefined, result: rehearsedReceipt(load, incoming.rows) };
        changed = await changeTable({ ...base, incoming: incoming.rows }, run, false);
        rejected = incoming.rows.rejected;
        rejects = await putRejects(placed, run, incoming.rejects);
      } else {
        changed = await addDataFile(base, document, load.records, run);
      }
      const widened = widenedColumns(manifest, columns);
      const result = publishedReceipt(load, { ...changed.counts, rejected, widened });
      const next = nextManifest(manifest, { load, columns, files: changed.files });
      return { next: withSuperseded(manifest, withReceipt(next, load, result, rejects), placed), result };
    });
  });
}

interface IncomingLoad {
  readonly rows: LaidDownRows;
  /** undefined = there are none */
  readonly rejects: LocalFile | undefined;
}

/** Rows and rejects come once: they are laid down before anything is done with them. */
async function takeLoad(
  { format }: Layout,
  load: Load,
  united: readonly Column[],
  work: string,
): Promise<IncomingLoad> {
  const { publication, run, at, signal } = load;
  const rejects = sortRejects(work, { run, table: publication.table, at });
  const key = mergeKey(publication);
  const rows = await layDown({ ...load, united, key, onRejects: (refused) => rejects.add(refused) }, format, work);
  let came = 0;
  for await (const reject of abortable(load.rejects, signal)) {
    came += 1;
    await rejects.add([reject]);
  }
  requireWholeLoad(load, { rows: rows.rows + rows.rejected, rejects: came });
  return { rows, rejects: await rejects.write() };
}

function rehearsedReceipt(load: Load, { rows, rejected }: LaidDownRows): PublishReceipt {
  return publishedReceipt(load, { inserted: rows, updated: 0, unchanged: 0, duplicates: 0, rejected });
}

async function putRejects(
  placed: PlacedFiles,
  run: string,
  rejects: LocalFile | undefined,
): Promise<ListedFile | undefined> {
  if (rejects === undefined) {
    return undefined;
  }
  const { bytes, sha256 } = rejects;
  return { name: await placed.put(rejects, rejectsFileName(run), false), bytes, sha256 };
}
