import { refused, requirePossible } from '../../publication-rules.js';
import type { Replay, ReplayReceipt } from '../../store.js';
import { changeManifest, type Change } from '../change-manifest.js';
import { changeTable } from '../change-table.js';
import { requireSameTypes } from '../incoming-load.js';
import { columnsWith, type Manifest, type ManifestReceipt } from '../manifest.js';
import { listedColumns, withSuperseded } from '../next-manifest.js';
import type { TablePlace } from '../place.js';
import { placeFiles } from '../placed-files.js';
import { putMarked, readMarks } from './replay-marks.js';
import { openRows, takeRows, type TakenRows } from './replayed-rows.js';
import type { Layout, TableChange } from '../table-change.js';

/** Publishes mended rows: one more data file, the run's rejects written anew, and the manifest that lists both. */
export async function replayRows(layout: Layout, place: TablePlace, replay: Replay): Promise<ReplayReceipt> {
  const { table, columns, signal } = replay;
  signal.throwIfAborted();
  return place.inTurn(signal, async (work) => {
    let taken: TakenRows | undefined;
    const placed = placeFiles(place, signal);
    return changeManifest(table, place, signal, async (manifest): Promise<Change<ReplayReceipt>> => {
      const { receipt, isReplaced } = findReplayed(manifest, replay);
      if (manifest === undefined || isReplaced) {
        return { next: undefined, result: SUPERSEDED };
      }
      const publication = { table, ...termsOf(receipt) };
      requirePossible({ store: '', ...publication }, columns);
      const united = columnsWith(manifest, table, columns);
      layout.format.requireColumns(table, united);
      taken ??= await takeRows(layout.format, replay, { united, key: publication.key }, work);
      requireSameTypes(table, taken.rows, united);
      const change = { layout, place, placed, work, publication, manifest, columns: united, signal };
      return replayInto(change, replay, receipt, taken);
    });
  });
}

const NOTHING = { inserted: 0, updated: 0, unchanged: 0, duplicates: 0 };
const SUPERSEDED: ReplayReceipt = { superseded: true, replayed: 0, already: 0, rejected: 0, ...NOTHING };

/** @throws StoreError where the run has no receipt */
function findReplayed(
  manifest: Manifest | undefined,
  { table, run }: Replay,
): { readonly receipt: ManifestReceipt; readonly isReplaced: boolean } {
  const receipts = manifest?.receipts ?? [];
  const position = receipts.findIndex((receipt) => receipt.run === run);
  const receipt = receipts[position];
  if (receipt === undefined) {
    throw refused(table, `run ${run} was never published to it, so it has no rejects there`);
  }
  const since = receipts.slice(position + 1).some(({ mode, superseded }) => mode === 'replace' && !superseded);
  return { receipt, isReplaced: receipt.superseded || (receipt.mode === 'replace' && since) };
}

/** A table that a run replaced is its own until the next replace: what was mended belongs to it. */
function termsOf({ mode, key }: ManifestReceipt): Pick<TableChange['publication'], 'mode' | 'key'> {
  return mode === 'merge' ? { mode, key: key ?? [] } : { mode: 'append' };
}

async function replayInto(
  change: Omit<TableChange, 'incoming'> & { readonly manifest: Manifest },
  replay: Replay,
  receipt: ManifestReceipt,
  taken: TakenRows,
): Promise<Change<ReplayReceipt>> {
  const { place, placed, work, manifest, columns } = change;
  const { run, rejects } = receipt;
  const before = await readMarks(place, rejects, work);
  const { incoming, already, mended } = await openRows(replay, taken, before.marks, work);
  const counts = { superseded: false, replayed: incoming.rows, already, rejected: incoming.rejected };
  if (incoming.rows + incoming.rejected === 0) {
    return { next: undefined, result: { ...counts, ...NOTHING } };
  }
  const { files, counts: applied } = await changeTable({ ...change, incoming }, run, true);
  const marked = await putMarked(placed, run, before, { mended, refused: taken.refused }, work);
  const { guesses: _before, ...others } = manifest;
  const next: Manifest = {
    ...others,
    ...listedColumns(columns),
    files,
    receipts: manifest.receipts.map((one) => (one.run === run ? { ...one, rejects: marked } : one)),
  };
  return { next: withSuperseded(manifest, next, placed), result: { ...counts, ...applied } };
}
