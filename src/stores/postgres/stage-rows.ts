import type { Column, Row } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import { mergeKey } from '../publication-rules.js';
import { createKeyProblem, rejectedRow } from '../row-key.js';
import type { Load } from '../store.js';
import { cellText, UnfitCell } from './cell-text.js';
import type { Session } from './connection.js';
import { copyLine } from './copy-text.js';

/** What was copied: `valid` rows to publish, and `rejected` ones that this table cannot take. */
export interface StagedRows {
  readonly valid: number;
  readonly rejected: number;
}

/**
 * Copies a load's rows into the temporary table `pg_temp.titan_load`, which goes with the transaction. Its columns are
 * `c0`, `c1`, … in the order of the load's columns, so no name of a user's can clash with ours. A row that the table
 * cannot take lies there too, with a reason and no cells: however many there are, none waits in memory.
 *
 * @param types what the target's columns are, in the order of the load's columns
 */
export async function stageRows(session: Session, load: Load, types: readonly Column[]): Promise<StagedRows> {
  const cells = types.map(({ type }, position) => `c${position} ${type}, `).join('');
  await session.query(
    `CREATE TEMPORARY TABLE titan_load (
      ${cells}execution text NOT NULL, row bigint NOT NULL, at timestamptz NOT NULL, reason text, raw text
    ) ON COMMIT DROP`,
  );
  const counts = { valid: 0, rejected: 0 };
  await session.copy('COPY pg_temp.titan_load FROM STDIN', encodeRows(load, types, counts));
  await session.query('ANALYZE pg_temp.titan_load');
  return counts;
}

async function* encodeRows(
  load: Load,
  types: readonly Column[],
  counts: { valid: number; rejected: number },
): AsyncGenerator<string> {
  const keyProblem = createKeyProblem(load.columns, mergeKey(load.publication) ?? []);
  const noCells = types.map(() => null);
  const encode = (row: Row): string => {
    const { execution, row: position, at } = row;
    const fields = keyProblem(row.cells) ?? encodeCells(types, row);
    if (typeof fields !== 'string') {
      counts.valid += 1;
      return copyLine([...fields, execution, String(position), at, null, null]);
    }
    counts.rejected += 1;
    const { reason, raw } = rejectedRow(load.columns, row, fields);
    return copyLine([...noCells, execution, String(position), at, withoutNul(reason), withoutNul(raw)]);
  };
  for await (const rows of abortable(load.rows, load.signal)) {
    yield rows.map(encode).join('');
    load.onProgress(counts.valid + counts.rejected);
  }
}

/** The fields of a row, or the reason why the table cannot hold it. */
function encodeCells(types: readonly Column[], { cells }: Row): readonly (string | null)[] | string {
  const fields: (string | null)[] = [];
  for (const [position, { name, type }] of types.entries()) {
    const raw = cells[position];
    try {
      fields.push(raw === undefined ? null : cellText(type, raw));
    } catch (error) {
      if (error instanceof UnfitCell) {
        return `${JSON.stringify(name)} ${error.message}`;
      }
      throw error;
    }
  }
  return fields;
}

/** Postgres holds no NUL in a text; a raw record may have one. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', String.raw`\u0000`);
}
