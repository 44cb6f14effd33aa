import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refused } from '../publication-rules.js';
import { readDataFile } from './formats/read-data-file.js';
import { createLineWriter, readLine } from './json-line.js';
import { widenedColumns, type DataFile } from './manifest.js';
import type { TableChange } from './table-change.js';

/** What is needed to read a table's rows. */
export type TableToRead = Pick<TableChange, 'layout' | 'place' | 'work' | 'manifest' | 'columns' | 'signal'>;

/** The lines of all files that the manifest lists, whatever their formats, as this store's format will hold them. */
export async function* readTableLines(table: TableToRead): AsyncGenerator<readonly string[]> {
  const { place, work, manifest, signal, layout, columns } = table;
  const isWidened = layout.format.isTyped === true && widenedColumns(manifest, columns).length > 0;
  for (const file of manifest?.files ?? []) {
    const path = await place.fetch(file, work, signal);
    for await (const lines of readDataFile({ ...table, file, path })) {
      const isFit = !isWidened && file.name.endsWith(`.${layout.format.ending}`);
      yield isFit ? lines : refitted(table, file, lines);
    }
    if (dirname(path) === work) {
      await rm(path);
    }
  }
}

/** The store's format, or the type of a column, was changed since the file was written. */
function refitted(
  { layout, manifest, columns }: TableToRead,
  file: DataFile,
  lines: readonly string[],
): readonly string[] {
  const before = new Map(manifest?.columns.map(({ name, type }) => [name, type]));
  const written = columns.map(({ name, type }) => ({ name, type: before.get(name) ?? type }));
  const fitting = layout.format.createFitting(written, columns);
  const writeLine = createLineWriter(columns);
  return lines.map((line) => {
    const { order, cells } = readLine(line);
    const row = fitting({ ...order, cells: columns.map(({ name }) => cells.get(name)) });
    if (typeof row === 'string') {
      const told = `row ${order.row} of ${file.name} cannot be written anew as ${layout.format.ending}: ${row}; let the store keep its former format, or publish to another table`;
      throw refused(manifest?.table ?? '', told);
    }
    return writeLine(row).trimEnd();
  });
}
