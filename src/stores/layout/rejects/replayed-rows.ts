import { join } from 'node:path';
import type { Column, Reject } from '../../../domain/rows.js';
import { refused } from '../../publication-rules.js';
import type { Replay } from '../../store.js';
import type { Format } from '../formats/format.js';
import { layDown, type LaidDownRows } from '../incoming-load.js';
import { orderOf } from '../json-line.js';
import { writeLocalFile } from '../local-file.js';
import { readLines } from '../read-lines.js';

/** What tells a run's rejects apart. */
export function idOf({ execution, row }: Pick<Reject, 'execution' | 'row'>): string {
  return `${row} ${execution}`;
}

/** The rows of a replay, laid down before anybody looks which rejects they mend. */
export interface TakenRows {
  readonly rows: LaidDownRows;
  /** Ids of those that cannot be published, with the reason. */
  readonly refused: ReadonlyMap<string, string>;
}

export async function takeRows(
  format: Format,
  { columns, rows, signal }: Replay,
  terms: { readonly united: readonly Column[]; readonly key: readonly string[] | undefined },
  work: string,
): Promise<TakenRows> {
  const refusals = new Map<string, string>();
  const onRejects = (rejects: readonly Reject[]): void => {
    for (const reject of rejects) {
      refusals.set(idOf(reject), reject.reason);
    }
  };
  const incoming = { columns, ...terms, rows, signal, onRejects, onProgress: () => undefined };
  return { rows: await layDown(incoming, format, work), refused: refusals };
}

/** The rows whose rejects are open. */
export interface OpenRows {
  readonly incoming: LaidDownRows;
  readonly already: number;
  readonly mended: ReadonlySet<string>;
}

/**
 * Leaves out the rows whose rejects are marked.
 *
 * @param marks ids of the run's rejects, and whether they are marked
 * @throws StoreError for a row that is no reject of the run, or comes twice
 */
export async function openRows(
  { table, run, signal }: Replay,
  taken: TakenRows,
  marks: ReadonlyMap<string, boolean>,
  work: string,
): Promise<OpenRows> {
  const seen = new Set<string>();
  const mended = new Set<string>();
  let already = 0;

  function isOpen(id: string): boolean {
    const isMarked = marks.get(id);
    if (isMarked === undefined || seen.has(id)) {
      const [row, ...execution] = id.split(' ');
      throw refused(
        table,
        `row ${row} of execution ${execution.join(' ')} is not one reject of run ${run}: nothing was replayed`,
      );
    }
    seen.add(id);
    already += isMarked ? 1 : 0;
    return !isMarked;
  }

  const rejected = [...taken.refused.keys()].filter(isOpen).length;
  const { file } = await writeLocalFile(join(work, 'open.jsonl'), async (write) => {
    for await (const lines of readLines(taken.rows.lines.path, signal)) {
      const open = lines.filter((line) => {
        const id = idOf(orderOf(line));
        const opened = isOpen(id);
        if (opened) {
          mended.add(id);
        }
        return opened;
      });
      await write(open.map((line) => `${line}\n`).join(''));
    }
  });
  return { incoming: { ...taken.rows, lines: file, rows: mended.size, rejected }, already, mended };
}
