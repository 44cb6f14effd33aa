import type { Column, Reject, Row } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import { mergeKey } from '../publication-rules.js';
import { createKeyProblem, rejectedRow } from '../row-key.js';
import type { Load } from '../store.js';
import type { Session } from './connection.js';
import { createDistinctKeys } from './distinct-keys.js';
import { createRowEncoder } from './encode-row.js';

/** What was copied: `valid` rows, and `rejected` ones that this table cannot take. */
export interface CopiedRows {
  readonly valid: number;
  readonly rejected: number;
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
  types: readonly Column[],
  targets: CopyTargets,
): Promise<CopiedRows> {
  const key = mergeKey(load.publication) ?? [];
  const problemOf = createKeyProblem(load.columns, key);
  const keys = createDistinctKeys(load.columns, types, key, load.records);
  const encode = createRowEncoder(types, load.columns, targets.knowsRun === true ? load : undefined);
  const batches = abortable(load.rows, load.signal);
  const counts = { valid: 0, rejected: 0 };
  let rejects = '';
  let isDone = false;

  function lineOf(row: Row): string {
    const problem = problemOf(row.cells);
    const line = problem === undefined ? encode(row) : { unfit: problem };
    if (typeof line === 'string') {
      counts.valid += 1;
      keys.add(row);
      return line;
    }
    counts.rejected += 1;
    rejects += targets.rejectLine(rejectedRow(load.columns, row, line.unfit));
    return '';
  }

  async function* lines(): AsyncGenerator<string> {
    let text = '';
    while (rejects.length < MOST_WAITING) {
      const next = await batches.next();
      if (next.done === true) {
        isDone = true;
        break;
      }
      for (const row of next.value) {
        text += lineOf(row);
      }
      if (text.length >= ENOUGH_TO_SEND) {
        yield text;
        text = '';
      }
      load.onProgress(counts.valid + counts.rejected);
    }
    if (text !== '') {
      yield text;
    }
  }

  async function* waiting(): AsyncGenerator<string> {
    yield rejects;
    rejects = '';
  }

  try {
    while (!isDone) {
      await session.copy(`COPY ${targets.rows} FROM STDIN`, lines());
      if (rejects !== '') {
        await session.copy(`COPY ${targets.rejects} FROM STDIN`, waiting());
      }
    }
  } finally {
    // Not awaited: rows that hang return only when their own wait ends.
    batches.return(undefined).catch(() => undefined);
  }
  return { ...counts, areSurelyDistinct: keys.areSurelyDistinct };
}
