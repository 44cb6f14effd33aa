import type { Column, Reject, Row } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import { mergeKey } from '../publication-rules.js';
import { createKeyProblem, rejectedRow } from '../row-key.js';
import type { Load } from '../store.js';
import { createTypedRow } from '../typed-row.js';
import type { DatabaseSession } from './database.js';
import { createLineLoader } from './line-loader.js';
import { DUCKDB_TYPES, quoteName, readJsonLines } from './sql-text.js';

/** What was staged. */
export interface StagedRows {
  /** Rows to publish. */
  readonly valid: number;
  /** Rows that this table cannot take. */
  readonly rejected: number;
  readonly why?: string | undefined;
  /** The load's own rejects. */
  readonly rejects: number;
}

/** The temporary table that a load is staged in. It goes with the connection. */
export const STAGED = 'temp.main.titan_load';

/**
 * Brings a load's rows and rejects into the temporary table `titan_load`. Its columns are `c0`, `c1`, … in the order of
 * the load's columns, so no name of a user's can clash with ours. A reject, and a row that the table cannot take, has a
 * reason and no cells: however many there are, none waits in memory.
 *
 * @param types what the target's columns are, in the order of the load's columns
 */
export async function stageRows(session: DatabaseSession, load: Load, types: readonly Column[]): Promise<StagedRows> {
  const columns = [...types.map(({ type }, position) => [`c${position}`, DUCKDB_TYPES[type]] as const), ...OWN];
  const definitions = columns.map(([name, type]) => `${quoteName(name)} ${type}`);
  await session.query(`CREATE TEMP TABLE titan_load (${definitions.join(', ')})`);
  // DuckDB, asked for JSON, would write numbers anew and lose digits: it comes as text.
  const members = columns.map(([name, type]) => [name, type === 'JSON' ? 'VARCHAR' : type] as const);
  const loader = createLineLoader(
    session,
    (path) => `INSERT INTO ${STAGED} SELECT * FROM ${readJsonLines(path, members)}`,
  );
  const counts: Counts = { valid: 0, rejected: 0, rejects: 0, why: undefined };
  const lineOf = createLineWriter(load, types, counts);
  try {
    for await (const rows of abortable(load.rows, load.signal)) {
      await loader.add(rows.map(lineOf).join(''));
      load.onProgress(counts.valid + counts.rejected);
    }
    for await (const reject of abortable(load.rejects, load.signal)) {
      counts.rejects += 1;
      await loader.add(rejectLine(load, reject));
    }
    await loader.finish();
  } finally {
    await loader.discard();
  }
  return counts;
}

interface Counts {
  valid: number;
  rejected: number;
  rejects: number;
  why: string | undefined;
}

const OWN = [
  ['execution', 'VARCHAR'],
  ['row', 'BIGINT'],
  ['at', DUCKDB_TYPES.timestamptz],
  ['reason', 'VARCHAR'],
  ['raw', 'VARCHAR'],
] as const;

function createLineWriter(load: Load, types: readonly Column[], counts: Counts): (row: Row) => string {
  const keyProblem = createKeyProblem(load.columns, mergeKey(load.publication) ?? []);
  const typedRow = createTypedRow(load.columns, types);
  const isJson = types.map(({ type }) => type === 'jsonb');
  return (row) => {
    const typed = keyProblem(row.cells) ?? typedRow(row);
    if (typeof typed === 'string') {
      counts.rejected += 1;
      counts.why ??= typed;
      return rejectLine(load, rejectedRow(load.columns, row, typed));
    }
    counts.valid += 1;
    const cells = typed.cells.map((cell, position) => {
      const isText = isJson[position] === true && cell !== 'null' && cell !== undefined;
      return cell === undefined ? '' : `"c${position}":${isText ? JSON.stringify(cell) : cell},`;
    });
    return `{${cells.join('')}"execution":${JSON.stringify(row.execution)},"row":${row.row},"at":"${typed.at}"}\n`;
  };
}

function rejectLine({ at }: Load, { execution, row, reason, raw }: Reject): string {
  return `${JSON.stringify({ execution, row, at, reason, raw })}\n`;
}
