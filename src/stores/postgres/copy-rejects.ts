import type { Reject } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import type { Load } from '../store.js';
import type { Session } from './connection.js';
import { copyLine } from './copy-text.js';
import type { TableName } from './table-name.js';

/** For a COPY of {@link rejectLine}s. */
export const REJECTS = 'titanflow.rejects (run, "table", execution, row, reason, raw, at)';

/** Rejects of an earlier publication, to a table that was dropped since, give way. */
export async function clearRejects(session: Session, { run }: Load, { qualified }: TableName): Promise<void> {
  await session.query(`DELETE FROM titanflow.rejects WHERE run = $1 AND "table" = $2`, [run, qualified]);
}

/**
 * Writes a load's own rejects to `titanflow.rejects`.
 *
 * @returns how many there were
 */
export async function copyRejects(session: Session, load: Load, { qualified }: TableName): Promise<number> {
  let copied = 0;
  async function* lines(): AsyncGenerator<string> {
    copied = 0;
    for await (const reject of abortable(load.rejects, load.signal)) {
      copied += 1;
      yield rejectLine(load, qualified, reject);
    }
  }
  await sendRejects(session, REJECTS, lines);
  return copied;
}

/**
 * Sends lines of rejects, which may hold what the encoding of the database lacks: then as JSON would escape it.
 *
 * @param lines read once more where it has to be
 */
export async function sendRejects(session: Session, target: string, lines: () => AsyncIterable<string>): Promise<void> {
  const copy = `COPY ${target} FROM STDIN`;
  const outcome = await session.attempt(() => session.copy(copy, lines()));
  if ('done' in outcome) return;
  async function* escaped(): AsyncGenerator<string> {
    for await (const text of lines()) yield text.replaceAll(NOT_ASCII, escapedUnit);
  }
  await session.copy(copy, escaped());
}

/** A COPY reads a doubled backslash as one. */
function escapedUnit(unit: string): string {
  return `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const NOT_ASCII = /[\u0080-\uFFFF]/g;

/** A reject's `at` is the run's. */
export function rejectLine({ run, at }: Load, qualified: string, { execution, row, reason, raw }: Reject): string {
  return copyLine([run, qualified, execution, String(row), withoutNul(reason), withoutNul(raw), at]);
}

/** Postgres holds no NUL in a text; a raw record may have one. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', String.raw`\u0000`);
}
