import { join } from 'node:path';
import type { PublishedRows } from '../load-receipt.js';
import { mergeKey } from '../publication-rules.js';
import { dataFileName } from './file-names.js';
import type { WrittenFile } from './formats/format.js';
import { writeLocalFile, type LocalFile } from './local-file.js';
import { widenedColumns, type DataFile } from './manifest.js';
import { mergeLines } from './merge-lines.js';
import { readLines } from './read-lines.js';
import type { TableChange } from './table-change.js';
import { requireNewKeys } from './table-keys.js';
import { readTableLines } from './table-lines.js';

/** A table whose new data file is in its place, and not yet listed. */
export interface ChangedTable {
  /** What the manifest is to list. */
  readonly files: readonly DataFile[];
  readonly counts: Omit<PublishedRows, 'rejected'>;
}

/**
 * Puts a change's data file into its place.
 *
 * @param isReplay the run has published before, so that the plain name is taken
 * @throws StoreError where the table is merged by a key and would have it twice
 */
export async function changeTable(change: TableChange, run: string, isReplay: boolean): Promise<ChangedTable> {
  const { lines, rows, keepsFiles, counts } = await linesOf(change);
  const have = change.manifest?.files ?? [];
  const staying = keepsFiles ? have : [];
  if (lines === undefined || rows === 0) {
    return { files: staying, counts };
  }
  const { layout, columns, work, signal } = change;
  const { format } = layout;
  const file = await format.write({ lines, columns, path: join(work, `data.${format.ending}`), signal });
  return { files: [...staying, await putDataFile(change, file, rows, run, isReplay)], counts };
}

/** The same for a data file that is there already, of rows that are new to the table. */
export async function addDataFile(
  change: Pick<TableChange, 'layout' | 'placed' | 'manifest' | 'publication'>,
  file: WrittenFile,
  rows: number,
  run: string,
): Promise<ChangedTable> {
  const staying = change.publication.mode === 'append' ? (change.manifest?.files ?? []) : [];
  const counts = { inserted: rows, updated: 0, unchanged: 0, duplicates: 0 };
  return { files: [...staying, await putDataFile(change, file, rows, run, false)], counts };
}

async function putDataFile(
  { layout, placed }: Pick<TableChange, 'layout' | 'placed'>,
  file: WrittenFile,
  rows: number,
  run: string,
  isTaken: boolean,
): Promise<DataFile> {
  const name = await placed.put(file, dataFileName(run, layout.format.ending), isTaken);
  const { bytes, sha256, marks } = file;
  return { name, executionId: run, rows, bytes, sha256, ...marks };
}

/** Files that have types of their own are written anew where a column got another one. */
function mustRewrite({ layout, manifest, columns }: TableChange): boolean {
  return layout.format.isTyped === true && widenedColumns(manifest, columns).length > 0;
}

/** What the table has, and behind it what comes. */
async function allLines(change: TableChange): Promise<Pick<ChangedLines, 'lines' | 'rows'>> {
  let rows = 0;
  const { file: lines } = await writeLocalFile(join(change.work, 'widened.jsonl'), async (write) => {
    for (const source of [readTableLines(change), readLines(change.incoming.lines.path, change.signal)]) {
      for await (const batch of source) {
        rows += batch.length;
        await write(batch.map((line) => `${line}\n`).join(''));
      }
    }
  });
  return { lines, rows };
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
    const counts = { inserted: incoming.rows, updated: 0, unchanged: 0, duplicates: 0 };
    if (publication.mode === 'append' && mustRewrite(change)) {
      return { ...(await allLines(change)), keepsFiles: false, counts };
    }
    const { lines, rows } = incoming;
    return { lines, rows, keepsFiles: publication.mode === 'append', counts };
  }
  const { lines, rows, inserted, updated, renewed, keys } = await mergeLines(change, key);
  const counts = { inserted, updated, unchanged: keys - inserted - updated, duplicates: incoming.rows - keys };
  const isChanged = inserted + updated + renewed > 0;
  return { lines: isChanged ? lines : undefined, rows, keepsFiles: !isChanged, counts };
}
