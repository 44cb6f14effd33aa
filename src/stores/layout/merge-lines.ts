import { join } from 'node:path';
import { compareRowOrder, type RowOrder } from '../row-order.js';
import { orderOf } from './json-line.js';
import { keySlices, type KeySlice } from './key-slices.js';
import { writeLocalFile, type LocalFile } from './local-file.js';
import { readLines } from './read-lines.js';
import { contentOf, createLineIdentity, type LineIdentity } from './row-identity.js';
import type { TableChange } from './table-change.js';
import { requireUniqueKeys } from './table-keys.js';
import { readTableLines } from './table-lines.js';

/** The newest row of the load with its key. */
interface Winner {
  readonly order: RowOrder;
  /** Number of its line among the load's. */
  readonly line: number;
  /** What the table has under this key: nothing, an older row with this content, or a row that is not older. */
  have?: { readonly content: string } | 'newer';
}

type Winners = Map<string, Winner>;

export interface MergedLines {
  readonly lines: LocalFile;
  /** All rows of the table. */
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  /** Rows that are equal to the older ones whose places they take. */
  readonly renewed: number;
  /** Different keys of the load. */
  readonly keys: number;
}

/**
 * Writes the table anew: the newest row for each key. The table is read once and what stays is copied, then the load's
 * winners follow. Memory holds the order of one row for each key of the load, never the rows; a load with more keys than
 * memory should hold goes over both several times.
 *
 * An equal row that is newer counts as unchanged, but takes the other's place: it must win over a row between the two
 * that comes late.
 */
export async function mergeLines(change: TableChange, key: readonly string[]): Promise<MergedLines> {
  const { manifest, columns, incoming, layout, work } = change;
  if (manifest !== undefined && manifest.key === undefined) {
    await requireUniqueKeys(change, key);
  }
  const identity = createLineIdentity(columns, key);
  const counts = { rows: 0, inserted: 0, updated: 0, renewed: 0, keys: 0 };
  const { file } = await writeLocalFile(join(work, 'merged.jsonl'), async (write) => {
    for (const slice of keySlices(incoming.rows, layout.keysAtOnce)) {
      const winners = await findWinners(change, identity, slice);
      const kept = await keepRows(change, identity, slice, winners, write);
      const added = await addWinners(change, winners, write);
      counts.rows += kept + added.inserted + added.updated + added.renewed;
      counts.inserted += added.inserted;
      counts.updated += added.updated;
      counts.renewed += added.renewed;
      counts.keys += winners.size;
    }
  });
  return { lines: file, ...counts };
}

async function findWinners(
  { incoming, signal }: TableChange,
  identity: LineIdentity,
  slice: KeySlice,
): Promise<Winners> {
  const winners: Winners = new Map();
  const shared = new Map<string, string>();
  let number = 0;
  for await (const lines of readLines(incoming.lines.path, signal)) {
    for (const line of lines) {
      const id = identity(line) ?? '';
      if (slice.has(id)) {
        const order = orderOf(line);
        const rival = winners.get(id);
        if (rival === undefined || compareRowOrder(order, rival.order) > 0) {
          const { at, execution, row } = order;
          winners.set(id, { order: { at: once(at), execution: once(execution), row }, line: number });
        }
      }
      number += 1;
    }
  }
  return winners;

  /** The same few texts stand in all lines: one copy of each is held. */
  function once(text: string): string {
    const known = shared.get(text);
    if (known === undefined) {
      shared.set(text, text);
    }
    return known ?? text;
  }
}

/** Copies the rows that stay, and notes what the others had. */
async function keepRows(
  change: TableChange,
  identity: LineIdentity,
  slice: KeySlice,
  winners: Winners,
  write: (text: string) => Promise<void>,
): Promise<number> {
  let kept = 0;
  for await (const lines of readTableLines(change)) {
    const staying = lines.filter((line) => {
      const id = identity(line);
      if (id === undefined || !slice.has(id)) {
        return id === undefined && slice.isFirst;
      }
      const winner = winners.get(id);
      if (winner === undefined) {
        return true;
      }
      const older = compareRowOrder(orderOf(line), winner.order) < 0;
      winner.have = older ? { content: contentOf(change.columns, line) } : 'newer';
      return !older;
    });
    await write(staying.map((line) => `${line}\n`).join(''));
    kept += staying.length;
  }
  return kept;
}

async function addWinners(
  { incoming, columns, signal }: TableChange,
  winners: Winners,
  write: (text: string) => Promise<void>,
): Promise<{ readonly inserted: number; readonly updated: number; readonly renewed: number }> {
  const byLine = new Map([...winners.values()].map((winner) => [winner.line, winner]));
  const counts = { inserted: 0, updated: 0, renewed: 0 };
  let number = 0;
  for await (const lines of readLines(incoming.lines.path, signal)) {
    let text = '';
    for (const line of lines) {
      const have = byLine.get(number)?.have;
      if (byLine.has(number) && have !== 'newer') {
        text += `${line}\n`;
        counts[outcomeOf(line, have)] += 1;
      }
      number += 1;
    }
    await write(text);
  }
  return counts;

  function outcomeOf(line: string, have: { readonly content: string } | undefined): keyof typeof counts {
    if (have === undefined) {
      return 'inserted';
    }
    return contentOf(columns, line) === have.content ? 'renewed' : 'updated';
  }
}
