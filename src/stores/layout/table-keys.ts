import { refused } from '../publication-rules.js';
import { keySlices, type KeySlice } from './key-slices.js';
import { readLines } from './read-lines.js';
import { createLineIdentity, type LineIdentity } from './row-identity.js';
import type { TableChange } from './table-change.js';
import { readTableLines, type TableToRead } from './table-lines.js';

/** @throws StoreError where two rows of the table have the same key, so that nothing can be merged into it */
export async function requireUniqueKeys(table: TableToRead, key: readonly string[]): Promise<void> {
  const identity = createLineIdentity(table.columns, key);
  for (const slice of keySlices(rowsOf(table), table.layout.keysAtOnce)) {
    await collectKeys(readTableLines(table), identity, slice, new Set(), (id) => {
      throw refused(
        table.manifest?.table ?? '',
        `it has several rows with the same key ${id}, so nothing can be merged into it`,
      );
    });
  }
}

/**
 * A table that was merged before has one row per key, and `append` and `replace` keep it so, as the unique index in
 * Postgres does.
 *
 * @throws StoreError for rows that would bring a key twice
 */
export async function requireNewKeys(change: TableChange): Promise<void> {
  const { publication, incoming, manifest, columns, layout, signal } = change;
  const key = manifest?.key;
  if (key === undefined) {
    return;
  }
  const { table, mode } = publication;
  const identity = createLineIdentity(columns, key);
  const before = mode === 'append' ? rowsOf(change) : 0;
  for (const slice of keySlices(before + incoming.rows, layout.keysAtOnce)) {
    const keys = new Set<string>();
    if (before > 0) {
      await collectKeys(readTableLines(change), identity, slice, keys, () => undefined);
    }
    await collectKeys(readLines(incoming.lines.path, signal), identity, slice, keys, (id) => {
      throw refused(table, `it has one row per ${key.join(', ')}, and this ${mode} brings a second one with ${id}`);
    });
  }
}

async function collectKeys(
  batches: AsyncIterable<readonly string[]>,
  identity: LineIdentity,
  slice: KeySlice,
  keys: Set<string>,
  onTwice: (id: string) => void,
): Promise<void> {
  for await (const lines of batches) {
    for (const line of lines) {
      const id = identity(line);
      if (id === undefined || !slice.has(id)) {
        continue;
      }
      if (keys.has(id)) {
        onTwice(id);
      }
      keys.add(id);
    }
  }
}

function rowsOf({ manifest }: Pick<TableToRead, 'manifest'>): number {
  return (manifest?.files ?? []).reduce((sum, { rows }) => sum + rows, 0);
}
