import { join } from 'node:path';
import type { Reject } from '../../../domain/rows.js';
import { writeLocalFile, type LocalFile } from '../local-file.js';
import { readLines } from '../read-lines.js';
import { parseReject, printReject, type RejectLine } from './reject-line.js';

/** Takes a run's rejects as they come, and writes them by (execution, row). Some megabytes of them are in memory. */
export interface SortedRejects {
  add(rejects: readonly Reject[]): Promise<void>;
  /** Writes all of them. @returns undefined where there are none */
  write(): Promise<LocalFile | undefined>;
}

/** @param most characters of records that are in memory at once */
export function sortRejects(
  work: string,
  of: Pick<RejectLine, 'run' | 'table' | 'at'>,
  most = MOST_CHARACTERS,
): SortedRejects {
  const spills: string[] = [];
  let held: RejectLine[] = [];
  let characters = 0;

  async function spill(): Promise<void> {
    const path = join(work, `rejects-${spills.length}.jsonl`);
    await writeRejects(path, inOrder(held));
    spills.push(path);
    held = [];
    characters = 0;
  }

  return {
    async add(rejects) {
      for (const { execution, row, reason, raw } of rejects) {
        held.push({ run: of.run, table: of.table, execution, row, at: of.at, reason, raw });
        characters += raw.length + reason.length;
      }
      if (characters > most) {
        await spill();
      }
    },
    async write() {
      if (spills.length === 0 && held.length === 0) {
        return undefined;
      }
      const sources = [...spills.map(readRejects), inOrder(held)];
      return writeRejects(join(work, 'rejects.jsonl'), merged(sources));
    },
  };
}

export async function writeRejects(path: string, batches: AsyncIterable<readonly RejectLine[]>): Promise<LocalFile> {
  const { file } = await writeLocalFile(path, async (write) => {
    for await (const batch of batches) {
      await write(batch.map(printReject).join(''));
    }
  });
  return file;
}

export async function* readRejects(path: string): AsyncGenerator<readonly RejectLine[]> {
  for await (const lines of readLines(path)) {
    yield lines.map(parseReject);
  }
}

const MOST_CHARACTERS = 16 << 20;
const BATCH = 1_000;

async function* inOrder(rejects: readonly RejectLine[]): AsyncGenerator<readonly RejectLine[]> {
  const sorted = rejects.toSorted(compare);
  for (let start = 0; start < sorted.length; start += BATCH) {
    yield sorted.slice(start, start + BATCH);
  }
}

async function* merged(
  sources: readonly AsyncGenerator<readonly RejectLine[]>[],
): AsyncGenerator<readonly RejectLine[]> {
  const readers = sources.map(singly);
  const heads = await Promise.all(readers.map((reader) => reader.next()));
  for (;;) {
    let least = -1;
    heads.forEach((head, index) => {
      const best = heads[least];
      if (head.done !== true && (best === undefined || best.done === true || compare(head.value, best.value) < 0)) {
        least = index;
      }
    });
    const [head, reader] = [heads[least], readers[least]];
    if (head === undefined || head.done === true || reader === undefined) {
      return;
    }
    yield [head.value];
    heads[least] = await reader.next();
  }
}

async function* singly(batches: AsyncGenerator<readonly RejectLine[]>): AsyncGenerator<RejectLine, undefined> {
  for await (const batch of batches) {
    yield* batch;
  }
  return undefined;
}

function compare(a: RejectLine, b: RejectLine): number {
  if (a.execution !== b.execution) {
    return a.execution < b.execution ? -1 : 1;
  }
  return a.row - b.row;
}
