import { join } from 'node:path';
import type { Column, Reject, Row } from '../../domain/rows.js';
import { abortable } from '../abortable.js';
import { createKeyProblem, rejectedRow } from '../row-key.js';
import { StoreError } from '../store.js';
import type { Format } from './formats/format.js';
import { createLineWriter } from './json-line.js';
import { writeLocalFile, type LocalFile } from './local-file.js';

/** Rows that come once, on their way into a table. */
export interface Incoming {
  readonly columns: readonly Column[];
  /** The table's, these among them. */
  readonly united: readonly Column[];
  /** undefined = they are not merged */
  readonly key: readonly string[] | undefined;
  readonly rows: AsyncIterable<readonly Row[]>;
  readonly signal: AbortSignal;
  readonly onProgress: (rows: number) => void;
  /** Told of rows that cannot be published. */
  readonly onRejects: (rejects: readonly Reject[]) => Promise<void> | void;
}

/** Rows that were laid down on this machine, and can be read as often as need be. */
export interface LaidDownRows {
  readonly lines: LocalFile;
  readonly rows: number;
  readonly rejected: number;
  /** Why the first of these was. */
  readonly why: string | undefined;
  /** The rows' columns with the types by which they were fitted. */
  readonly types: readonly Column[];
}

/** Lays rows down as lines, as the format will hold them. What it cannot hold, or has no key, becomes a reject. */
export async function layDown(incoming: Incoming, format: Format, work: string): Promise<LaidDownRows> {
  const { columns, key, signal } = incoming;
  const types = typesOf(columns, incoming.united);
  const fitting = format.createFitting(columns, types);
  const keyProblem = key === undefined ? () => undefined : createKeyProblem(columns, key);
  const writeLine = createLineWriter(columns);
  let [rows, rejected] = [0, 0];
  let why: string | undefined;
  const { file } = await writeLocalFile(join(work, 'load.jsonl'), async (write) => {
    for await (const batch of abortable(incoming.rows, signal)) {
      const rejects: Reject[] = [];
      let text = '';
      for (const row of batch) {
        const fits = fitting(row);
        const problem = typeof fits === 'string' ? fits : keyProblem(row.cells);
        if (typeof fits === 'string' || problem !== undefined) {
          rejects.push(rejectedRow(columns, row, problem ?? ''));
        } else {
          text += writeLine(fits);
        }
      }
      await write(text);
      if (rejects.length > 0) {
        why ??= rejects[0]?.reason;
        await incoming.onRejects(rejects);
      }
      rows += batch.length - rejects.length;
      rejected += rejects.length;
      incoming.onProgress(rows + rejected);
    }
  });
  return { lines: file, rows, rejected, why, types };
}

/** Rows come once, so they cannot be fitted again. @throws StoreError where another load gave a column another type */
export function requireSameTypes(table: string, { types }: LaidDownRows, united: readonly Column[]): void {
  const changed = typesOf(types, united).find(({ type }, position) => type !== types[position]?.type);
  if (changed !== undefined) {
    const told = `Table ${JSON.stringify(table)}: another load made its column ${JSON.stringify(changed.name)} ${changed.type} meanwhile.`;
    throw new StoreError('unavailable', told);
  }
}

/** Columns with the types that the table has for them. */
export function typesOf(columns: readonly Column[], united: readonly Column[]): readonly Column[] {
  const types = new Map(united.map(({ name, type }) => [name, type]));
  return columns.map(({ name, type }) => ({ name, type: types.get(name) ?? type }));
}
