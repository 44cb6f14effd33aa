import { join } from 'node:path';
import type { Column } from '../../domain/rows.js';
import type { PublishReceipt } from '../../domain/run.js';
import { abortable } from '../abortable.js';
import { publishedReceipt, requireWholeLoad } from '../load-receipt.js';
import { mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import { addRows } from './add-rows.js';
import { writeManifest, type Manifest, type ManifestFile } from './manifest.js';
import { withReceipt } from './manifest-receipts.js';
import { mergeRows } from './merge-rows.js';
import { openPartFile } from './part-file.js';
import { openRejectsFile } from './rejects-file.js';
import type { TableChange, WrittenRows } from './table-change.js';
import { dataFileName, removeSuperseded } from './table-folder.js';
import type { TableLock } from './table-lock.js';

/** Writes the load's files, then the manifest that lists them. */
export async function changeTable(
  folder: string,
  load: Load,
  manifest: Manifest | undefined,
  columns: readonly Column[],
  lock: TableLock,
): Promise<PublishReceipt> {
  const file = await openPartFile(join(folder, dataFileName(load.run)));
  const rejects = openRejectsFile(folder, load);
  try {
    const change: TableChange = { folder, load, manifest, columns, file, rejects };
    const key = mergeKey(load.publication);
    const written = key === undefined ? await addRows(change) : await mergeRows(change, key);
    await takeRejects(change, written);
    load.signal.throwIfAborted();
    await lock.requireHeld();
    await rejects.publish();
    const files = await publishFile(change, written);
    const receipt = publishedReceipt(load, written.counts);
    const next = withReceipt(nextManifest(change, files), load, receipt);
    await writeManifest(folder, next);
    await removeSuperseded(folder, next);
    return receipt;
  } finally {
    await file.discard();
    await rejects.discard();
  }
}

async function takeRejects({ load, rejects }: TableChange, { counts }: WrittenRows): Promise<void> {
  let came = 0;
  for await (const reject of abortable(load.rejects, load.signal)) {
    came += 1;
    await rejects.write([reject]);
  }
  const { inserted, updated, unchanged, duplicates, rejected } = counts;
  requireWholeLoad(load, { rows: inserted + updated + unchanged + duplicates + rejected, rejects: came });
}

/** @returns what the manifest is to list. */
async function publishFile(
  { load, manifest, file }: TableChange,
  { written }: WrittenRows,
): Promise<readonly ManifestFile[]> {
  const have = manifest?.files ?? [];
  if (written === undefined) {
    return have;
  }
  const { mode } = load.publication;
  const staying = mode === 'append' ? have : [];
  if (written === 0) {
    return staying;
  }
  const facts = await file.publish();
  return [...staying, { name: dataFileName(load.run), executionId: load.run, rows: written, ...facts }];
}

function nextManifest({ load, manifest, columns }: TableChange, files: readonly ManifestFile[]): Manifest {
  const { publication, owner, at } = load;
  const key = manifest?.key ?? mergeKey(publication);
  const replacedAt = publication.mode === 'replace' ? at : manifest?.replacedAt;
  const left = (manifest?.files ?? []).filter(({ name }) => !files.some((file) => file.name === name));
  return {
    version: 1,
    table: publication.table,
    owner: manifest?.owner ?? owner,
    mode: publication.mode,
    ...(key === undefined ? {} : { key: [...key] }),
    columns: [...columns],
    files,
    superseded: left.map(({ name }) => name),
    ...(replacedAt === undefined ? {} : { replacedAt }),
    receipts: manifest?.receipts ?? [],
  };
}
