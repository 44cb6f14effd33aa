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
    for await (const reject of abortable(load.rejects, load.signal)) {
      copied += 1;
      yield rejectLine(load, qualified, reject);
    }
  }
  await session.copy(`COPY ${REJECTS} FROM STDIN`, lines());
  return copied;
}

/** A reject's `at` is the run's. */
export function rejectLine({ run, at }: Load, qualified: string, { execution, row, reason, raw }: Reject): string {
  return copyLine([run, qualified, execution, String(row), withoutNul(reason), withoutNul(raw), at]);
}

/** Postgres holds no NUL in a text; a raw record may have one. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', String.raw`\u0000`);
}
