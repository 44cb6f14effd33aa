import { join } from 'node:path';
import type { Reject, Row } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import { createKeyProblem, rejectedRow } from '../row-key.js';
import { compareRowOrder, type RowOrder } from '../row-order.js';
import { runFileName } from './file-names.js';
import { createLineWriter, readLine } from './json-line.js';
import { openPartFile, type PartFile } from './part-file.js';
import { readLines } from './read-lines.js';
import { contentOf, createRowIdentity, type RowIdentity } from './row-identity.js';
import type { TableChange, WrittenRows } from './table-change.js';
import { readUniqueKeys } from './table-keys.js';

/** The newest row of the load with its key. */
interface Winner {
  readonly order: RowOrder;
  /** Number of its line among the load's. */
  readonly line: number;
  /** What the table has under this key: nothing, an older row with this content, or a row that is not older. */
  have?: { readonly content: string } | 'newer';
}

type Winners = Map<string, Winner>;

/**
 * Rewrites the table: the newest row for each key. The load is laid down first, then the table is read once and what
 * stays is copied, then the load's winners follow. Memory holds the order of one row for each key of the load (the
 * table's keys too at its first merge), never the rows.
 *
 * An equal row that is newer counts as unchanged, but takes the other's place: it must win over a row between the two
 * that comes late.
 */
export async function mergeRows(change: TableChange, key: readonly string[]): Promise<WrittenRows> {
  const { folder, load, manifest, columns } = change;
  const identity = createRowIdentity(columns, key);
  if (manifest !== undefined && manifest.key === undefined) {
    await readUniqueKeys(folder, manifest, identity);
  }
  const laidDown = await openPartFile(join(folder, `${runFileName(load.run)}.load`));
  try {
    const { winners, ...seen } = await layDown(change, key, identity, laidDown);
    const kept = await keepRows(change, identity, winners);
    const added = await addWinners(change, winners, laidDown);
    const changed = added.inserted + added.updated + added.renewed;
    const unchanged = winners.size - added.inserted - added.updated;
    return {
      written: changed === 0 ? undefined : kept + changed,
      counts: { inserted: added.inserted, updated: added.updated, unchanged, ...seen },
    };
  } finally {
    await laidDown.discard();
  }
}

async function layDown(
  { load, rejects }: TableChange,
  key: readonly string[],
  identity: RowIdentity,
  file: PartFile,
): Promise<{ winners: Winners; duplicates: number; rejected: number }> {
  const keyProblem = createKeyProblem(load.columns, key);
  const writeLine = createLineWriter(load.columns);
  const positions = new Map(load.columns.map(({ name }, position) => [name, position]));
  const winners: Winners = new Map();
  let [lines, rejected] = [0, 0];
  for await (const batch of abortable(load.rows, load.signal)) {
    const refusals: Reject[] = [];
    const taken: Row[] = [];
    for (const row of batch) {
      const problem = keyProblem(row.cells);
      if (problem !== undefined) {
        refusals.push(rejectedRow(load.columns, row, problem));
        continue;
      }
      const id = identity((name) => row.cells[positions.get(name) ?? -1]) ?? '';
      const rival = winners.get(id);
      if (rival === undefined || compareRowOrder(row, rival.order) > 0) {
        const { at, execution, row: position } = row;
        winners.set(id, { order: { at, execution, row: position }, line: lines + taken.length });
      }
      taken.push(row);
    }
    await file.write(taken.map(writeLine).join(''));
    await rejects.write(refusals);
    lines += taken.length;
    rejected += refusals.length;
    load.onProgress(lines + rejected);
  }
  return { winners, duplicates: lines - winners.size, rejected };
}

/** Copies the rows that stay, and notes what the others had. */
async function keepRows(
  { folder, load, manifest, columns, file }: TableChange,
  identity: RowIdentity,
  winners: Winners,
): Promise<number> {
  let kept = 0;
  for (const { name } of manifest?.files ?? []) {
    for await (const lines of readLines(join(folder, name), load.signal)) {
      const staying = lines.filter((line) => {
        const { order, cells } = readLine(line);
        const id = identity((column) => cells.get(column));
        const winner = id === undefined ? undefined : winners.get(id);
        if (winner === undefined) {
          return true;
        }
        const older = compareRowOrder(order, winner.order) < 0;
        winner.have = older ? { content: contentOf(columns, cells) } : 'newer';
        return !older;
      });
      await file.write(staying.map((line) => `${line}\n`).join(''));
      kept += staying.length;
    }
  }
  return kept;
}

/** `renewed` rows are equal to what they replace. */
async function addWinners(
  { load, columns, file }: TableChange,
  winners: Winners,
  laidDown: PartFile,
): Promise<{ inserted: number; updated: number; renewed: number }> {
  const byLine = new Map([...winners.values()].map((winner) => [winner.line, winner]));
  const counts = { inserted: 0, updated: 0, renewed: 0 };
  let number = 0;
  for await (const lines of readLines(laidDown.path, load.signal)) {
    let text = '';
    for (const line of lines) {
      const have = byLine.get(number)?.have;
      if (byLine.has(number) && have !== 'newer') {
        text += `${line}\n`;
        counts[outcomeOf(line, have)] += 1;
      }
      number += 1;
    }
    await file.write(text);
  }
  return counts;

  function outcomeOf(line: string, have: { readonly content: string } | undefined): keyof typeof counts {
    if (have === undefined) {
      return 'inserted';
    }
    return contentOf(columns, readLine(line).cells) === have.content ? 'renewed' : 'updated';
  }
}
