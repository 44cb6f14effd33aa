import type { Column } from '../../domain/rows.js';
import { mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import type { DataFile, Manifest } from './manifest.js';

/** What a table becomes. */
interface NextTable {
  readonly load: Pick<Load, 'publication' | 'owner' | 'at'>;
  readonly columns: readonly Column[];
  readonly files: readonly DataFile[];
  /** Files that are there and nothing lists. */
  readonly orphans: readonly string[];
}

/** The manifest after a load, still without its receipt. */
export function nextManifest(manifest: Manifest | undefined, { load, columns, files, orphans }: NextTable): Manifest {
  const { publication, owner, at } = load;
  const key = manifest?.key ?? mergeKey(publication);
  const replacedAt = publication.mode === 'replace' ? at : manifest?.replacedAt;
  return {
    version: 1,
    table: publication.table,
    owner: manifest?.owner ?? owner,
    mode: publication.mode,
    ...(key === undefined ? {} : { key: [...key] }),
    columns: [...columns],
    files,
    superseded: [...leftBehind(manifest, files), ...orphans],
    ...(replacedAt === undefined ? {} : { replacedAt }),
    receipts: manifest?.receipts ?? [],
  };
}

/** Files that were data, and are not any more. */
export function leftBehind(manifest: Manifest | undefined, files: readonly DataFile[]): readonly string[] {
  const staying = new Set(files.map(({ name }) => name));
  return (manifest?.files ?? []).map(({ name }) => name).filter((name) => !staying.has(name));
}
