import type { Reject, Row } from '../../domain/rows.js';
import type { RefusedRows } from '../load-receipt.js';
import { mergeKey } from '../publication-rules.js';
import { createKeyProblem, rejectedRow } from '../row-key.js';
import type { Load } from '../store.js';
import type { TargetColumn } from './check-table.js';
import { createDistinctKeys } from './distinct-keys.js';
import { createRowEncoder } from './encode-row.js';

/** Makes the lines of a load's rows for a COPY, and beside them those of the rows that become rejects. */
export interface RowLines {
  /** Returns the line of a row; '' where the row becomes a reject. */
  lineOf(row: Row): string;
  /** Makes a reject of a row whose line the server has refused. */
  refuse(row: Row, reason: string): void;
  /** Lines of rejects that wait for a COPY of their own. */
  readonly rejects: string;
  takeRejects(): string;
  /** Rows so far. */
  readonly seen: number;
  counts(): RefusedRows & { readonly valid: number; readonly areSurelyDistinct: boolean };
}

export interface RowLinesOptions {
  /** Whether all rows are of the load's run, and its `at`: their lines do without. Default false. */
  readonly knowsRun?: boolean;
  readonly rejectLine: (reject: Reject) => string;
}

export function createRowLines(load: Load, types: readonly TargetColumn[], options: RowLinesOptions): RowLines {
  const key = mergeKey(load.publication) ?? [];
  const problemOf = createKeyProblem(load.columns, key);
  const keys = createDistinctKeys(load.columns, types, key, load.records);
  const encode = createRowEncoder(types, load.columns, options.knowsRun === true ? load : undefined);
  const counts = { valid: 0, rejected: 0 };
  let rejects = '';
  let why: string | undefined;

  function reject(row: Row, reason: string): void {
    counts.rejected += 1;
    why ??= reason;
    rejects += options.rejectLine(rejectedRow(load.columns, row, reason));
  }

  return {
    lineOf(row) {
      const problem = problemOf(row.cells);
      const line = problem === undefined ? encode(row) : { unfit: problem };
      if (typeof line === 'string') {
        counts.valid += 1;
        keys.add(row);
        return line;
      }
      reject(row, line.unfit);
      return '';
    },
    refuse(row, reason) {
      counts.valid -= 1;
      reject(row, reason);
    },
    get rejects() {
      return rejects;
    },
    takeRejects() {
      const taken = rejects;
      rejects = '';
      return taken;
    },
    get seen() {
      return counts.valid + counts.rejected;
    },
    counts: () => ({ ...counts, why, areSurelyDistinct: keys.areSurelyDistinct }),
  };
}
