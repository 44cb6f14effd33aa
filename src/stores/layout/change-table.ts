import { join } from 'node:path';
import type { PublishedRows } from '../load-receipt.js';
import { mergeKey } from '../publication-rules.js';
import { dataFileName, versionedName } from './file-names.js';
import { StoreError } from '../store.js';
import type { LocalFile } from './local-file.js';
import type { DataFile } from './manifest.js';
import { mergeLines } from './merge-lines.js';
import type { TablePlace } from './place.js';
import type { TableChange } from './table-change.js';
import { requireNewKeys } from './table-keys.js';

/** A table whose new data file is written, and not yet listed. */
export interface ChangedTable {
  /** What the manifest is to list. */
  readonly files: readonly DataFile[];
  /** What lies in the place and is no data. */
  readonly orphans: readonly string[];
  readonly counts: Omit<PublishedRows, 'rejected'>;
}

/**
 * Puts a change's data file into its place.
 *
 * @param isReplay the run has a data file of its name already, or may have had it
 * @throws StoreError where the table is merged by a key and would have it twice
 */
export async function changeTable(change: TableChange, run: string, isReplay: boolean): Promise<ChangedTable> {
  const { lines, rows, keepsFiles, counts } = await linesOf(change);
  const have = change.manifest?.files ?? [];
  const staying = keepsFiles ? have : [];
  if (lines === undefined || rows === 0) {
    return { files: staying, orphans: [], counts };
  }
  const { layout, columns, work, signal, place } = change;
  const { format } = layout;
  const file = await format.write({ lines, columns, path: join(work, `data.${format.ending}`), signal });
  const { name, orphans } = await putAs(place, dataFileName(run, format.ending), file, isReplay, signal);
  const { bytes, sha256, marks } = file;
  return { files: [...staying, { name, executionId: run, rows, bytes, sha256, ...marks }], orphans, counts };
}

/**
 * Puts a file under its name, or under one that tells its bytes where the name is taken: by an earlier attempt of the
 * same run that came to nothing, or by what the run published before.
 *
 * @param isTaken it is known to be
 */
export async function putAs(
  place: TablePlace,
  name: string,
  file: LocalFile,
  isTaken: boolean,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly orphans: readonly string[] }> {
  if (!isTaken && (await place.put(file, name, signal))) {
    return { name, orphans: [] };
  }
  const other = versionedName(name, file.sha256);
  if (await place.put(file, other, signal)) {
    return { name: other, orphans: isTaken ? [] : [name] };
  }
  throw new StoreError(
    'unavailable',
    `${other} is being written by another load of the same run: it may be done soon.`,
  );
}

interface ChangedLines {
  /** undefined = the table stays as it is */
  readonly lines: LocalFile | undefined;
  readonly rows: number;
  /** Whether the table's files stay data beside the new one. */
  readonly keepsFiles: boolean;
  readonly counts: Omit<PublishedRows, 'rejected'>;
}

async function linesOf(change: TableChange): Promise<ChangedLines> {
  const { publication, incoming } = change;
  const key = mergeKey(publication);
  if (key === undefined) {
    await requireNewKeys(change);
    const { lines, rows } = incoming;
    const counts = { inserted: rows, updated: 0, unchanged: 0, duplicates: 0 };
    return { lines, rows, keepsFiles: publication.mode === 'append', counts };
  }
  const { lines, rows, inserted, updated, renewed, keys } = await mergeLines(change, key);
  const counts = { inserted, updated, unchanged: keys - inserted - updated, duplicates: incoming.rows - keys };
  const isChanged = inserted + updated + renewed > 0;
  return { lines: isChanged ? lines : undefined, rows, keepsFiles: !isChanged, counts };
}
