import type { Reject, Row } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import type { RefusedRows } from '../load-receipt.js';
import type { Load } from '../store.js';
import type { TargetColumn } from './check-table.js';
import type { Session } from './connection.js';
import { sendRejects } from './copy-rejects.js';
import { createRowLines, type RowLines } from './row-lines.js';

/** What was copied: `valid` rows, and `rejected` ones that this table cannot take. */
export interface CopiedRows extends RefusedRows {
  readonly valid: number;
  /** Of the valid ones, those that a trigger of the table has dropped. */
  readonly dropped: number;
  /** No two of the valid rows have the same key; false where that could not be told. */
  readonly areSurelyDistinct: boolean;
}

/** Where rows go, as a COPY names it: a table, perhaps with columns. */
export interface CopyTargets {
  /** Columns: the load's, then execution, row and at; only row where the table knows the run. */
  readonly rows: string;
  /** Default false. */
  readonly knowsRun?: boolean;
  readonly rejects: string;
  /** What stands there for a row that the table cannot take. */
  readonly rejectLine: (reject: Reject) => string;
}

/** So many characters are sent at once: each write costs as much as some ten thousand of them. */
const ENOUGH_TO_SEND = 48 * 1024;

/** So many characters of rejects wait in memory before they go to the server. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * Copies a load's rows, and apart from them those that the table cannot take. One connection does one COPY at a time:
 * where there are many rejects, the two take turns.
 *
 * @param types what the target's columns are, in the order of the load's columns
 */
export async function copyRows(
  session: Session,
  load: Load,
  types: readonly TargetColumn[],
  targets: CopyTargets,
): Promise<CopiedRows> {
  const rows = createRowLines(load, types, targets);
  const batches = abortable(load.rows, load.signal);
  let [isDone, copied] = [false, 0];

  async function* lines(): AsyncGenerator<string> {
    let text = '';
    while (rows.rejects.length < MOST_WAITING) {
      const next = await batches.next();
      if (next.done === true) {
        isDone = true;
        break;
      }
      for (const row of next.value) {
        text += rows.lineOf(row);
      }
      if (text.length >= ENOUGH_TO_SEND) {
        yield text;
        text = '';
      }
      load.onProgress(rows.seen);
    }
    if (text !== '') {
      yield text;
    }
  }

  try {
    while (!isDone) {
      copied += await session.copy(`COPY ${targets.rows} FROM STDIN`, lines());
      await copyWaiting(session, rows, targets);
    }
  } finally {
    // Not awaited: rows that hang return only when their own wait ends.
    batches.return(undefined).catch(() => undefined);
  }
  const counts = rows.counts();
  return { ...counts, dropped: counts.valid - copied };
}

const BLOCK_ROWS = 1_000;
const BLOCK_CHARACTERS = 1024 * 1024;

/**
 * Copies a load's rows like {@link copyRows}, in blocks, each behind a savepoint: rows that only the server can tell to be
 * bad are found by halving a block that it refuses.
 */
export async function copyRowsInBlocks(
  session: Session,
  load: Load,
  types: readonly TargetColumn[],
  targets: CopyTargets,
): Promise<CopiedRows> {
  const rows = createRowLines(load, types, targets);
  let block: CopiedLine[] = [];
  let characters = 0;

  async function put(lines: readonly CopiedLine[]): Promise<void> {
    const outcome = await session.attempt(() => session.copy(`COPY ${targets.rows} FROM STDIN`, each(lines)));
    if ('done' in outcome) return;
    const [first, ...others] = lines;
    if (first !== undefined && others.length === 0) {
      rows.refuse(first.row, outcome.fault);
      return;
    }
    const half = lines.length >> 1;
    await put(lines.slice(0, half));
    await put(lines.slice(half));
  }

  async function putBlock(): Promise<void> {
    if (block.length > 0) await put(block);
    await copyWaiting(session, rows, targets);
    load.onProgress(rows.seen);
    block = [];
    characters = 0;
  }

  for await (const batch of abortable(load.rows, load.signal)) {
    for (const row of batch) {
      const line = rows.lineOf(row);
      if (line !== '') block.push({ row, line });
      characters += line.length;
      if (block.length >= BLOCK_ROWS || characters >= BLOCK_CHARACTERS) await putBlock();
    }
  }
  await putBlock();
  return { ...rows.counts(), areSurelyDistinct: false, dropped: 0 };
}

interface CopiedLine {
  readonly row: Row;
  readonly line: string;
}

async function* each(lines: readonly CopiedLine[]): AsyncGenerator<string> {
  yield lines.map(({ line }) => line).join('');
}

async function copyWaiting(session: Session, rows: RowLines, { rejects }: CopyTargets): Promise<void> {
  const waiting = rows.takeRejects();
  if (waiting === '') return;
  await sendRejects(session, rejects, async function* () {
    yield waiting;
  });
}
