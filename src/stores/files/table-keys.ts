import { join } from 'node:path';
import type { Row } from '../../domain/rows.js';
import { refused } from '../publication-rules.js';
import { readLine } from './json-line.js';
import type { Manifest } from './manifest.js';
import { readLines } from './read-lines.js';
import { createRowIdentity, type RowIdentity } from './row-identity.js';
import type { TableChange } from './table-change.js';

/**
 * The keys of all rows that have one: all of them in memory.
 *
 * @throws StoreError where two rows have the same, so that nothing can be merged into the table
 */
export async function readUniqueKeys(
  folder: string,
  { table, files }: Pick<Manifest, 'table' | 'files'>,
  identity: RowIdentity,
): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const { name } of files) {
    for await (const lines of readLines(join(folder, name))) {
      for (const line of lines) {
        const { cells } = readLine(line);
        const id = identity((column) => cells.get(column));
        if (id !== undefined && keys.has(id)) {
          throw refused(table, `it has several rows with the same key ${id}, so nothing can be merged into it`);
        }
        if (id !== undefined) {
          keys.add(id);
        }
      }
    }
  }
  return keys;
}

/**
 * A table that was merged before has one row per key, and `append` and `replace` keep it so, as the unique index in
 * Postgres does. Holds the table's keys in memory.
 *
 * @returns what throws a StoreError for rows that would bring a key twice
 */
export async function createKeyGuard({
  folder,
  load,
  manifest,
  columns,
}: TableChange): Promise<(rows: readonly Row[]) => void> {
  const key = manifest?.key;
  if (manifest === undefined || key === undefined) {
    return () => undefined;
  }
  const { table, mode } = load.publication;
  const identity = createRowIdentity(columns, key);
  const keys = mode === 'append' ? await readUniqueKeys(folder, manifest, identity) : new Set<string>();
  const positions = new Map(load.columns.map(({ name }, position) => [name, position]));
  return (rows) => {
    for (const { cells } of rows) {
      const id = identity((name) => cells[positions.get(name) ?? -1]);
      if (id !== undefined && keys.has(id)) {
        throw refused(table, `it has one row per ${key.join(', ')}, and this ${mode} brings a second one with ${id}`);
      }
      if (id !== undefined) {
        keys.add(id);
      }
    }
  };
}
