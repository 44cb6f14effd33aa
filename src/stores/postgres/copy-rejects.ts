import type { Reject } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import type { Load } from '../store.js';
import type { Session } from './connection.js';
import { copyLine } from './copy-text.js';
import { withoutNul } from './stage-rows.js';
import type { TableName } from './table-name.js';

/**
 * Writes a load's rejects, and the rows of `titan_load` that the table could not take, to `titanflow.rejects`. Their
 * `at` is the run's. Those of an earlier publication, to a table that was dropped since, give way.
 *
 * @returns how many of the load's own there were
 */
export async function copyRejects(session: Session, load: Load, { qualified }: TableName): Promise<number> {
  await session.query(`DELETE FROM titanflow.rejects WHERE run = $1 AND "table" = $2`, [load.run, qualified]);
  let copied = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const reject of abortable(load.rejects, load.signal)) {
      copied += 1;
      yield rejectLine(load, qualified, reject);
    }
  }
  await session.copy('COPY titanflow.rejects (run, "table", execution, row, reason, raw, at) FROM STDIN', lines());
  await session.query(
    `INSERT INTO titanflow.rejects (run, "table", execution, row, reason, raw, at)
     SELECT $1, $2, execution, row, reason, raw, $3 FROM pg_temp.titan_load WHERE reason IS NOT NULL`,
    [load.run, qualified, load.at],
  );
  return copied;
}

function rejectLine({ run, at }: Load, qualified: string, { execution, row, reason, raw }: Reject): string {
  return copyLine([run, qualified, execution, String(row), withoutNul(reason), withoutNul(raw), at]);
}
