import type { Column } from '../../domain/rows.js';
import { guessesAfter, mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import { listedNames, type DataFile, type Manifest } from './manifest.js';
import type { PlacedFiles } from './placed-files.js';

/** What a table becomes. */
interface NextTable {
  readonly load: Pick<Load, 'publication' | 'owner' | 'at'>;
  readonly columns: readonly Column[];
  readonly files: readonly DataFile[];
}

/** The manifest after a load, still without its receipt, and without what it supersedes. */
export function nextManifest(manifest: Manifest | undefined, { load, columns, files }: NextTable): Manifest {
  const { publication, owner, at } = load;
  const key = manifest?.key ?? mergeKey(publication);
  const replacedAt = publication.mode === 'replace' ? at : manifest?.replacedAt;
  return {
    version: 1,
    table: publication.table,
    owner: manifest?.owner ?? owner,
    mode: publication.mode,
    ...(key === undefined ? {} : { key: [...key] }),
    ...listedColumns(columns),
    files,
    superseded: [],
    removed: [],
    ...(replacedAt === undefined ? {} : { replacedAt }),
    receipts: manifest?.receipts ?? [],
  };
}

/** The table's columns as the manifest lists them. */
export function listedColumns(columns: readonly Column[]): Pick<Manifest, 'columns' | 'guesses'> {
  const guesses = guessesAfter({}, columns);
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    ...(Object.keys(guesses).length === 0 ? {} : { guesses }),
  };
}

/** Names what was listed before, or was put there by this load, and is not listed any more. */
export function withSuperseded(manifest: Manifest | undefined, next: Manifest, placed: PlacedFiles): Manifest {
  const listed = new Set(listedNames(next));
  const before = manifest === undefined ? [] : listedNames(manifest);
  return { ...next, superseded: [...before.filter((name) => !listed.has(name)), ...placed.notAmong(listed)] };
}
