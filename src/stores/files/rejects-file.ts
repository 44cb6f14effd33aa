import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reject } from '../../domain/rows.js';
import type { Load } from '../store.js';
import { runFileName } from './file-names.js';
import { openPartFile, type PartFile } from './part-file.js';

/** A run's rejects, `_rejects/<run>.jsonl` in the table's folder; there is no such file where there are none. */
export interface RejectsFile {
  write(rejects: readonly Reject[]): Promise<void>;
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/** A line is the reject with its id (run, table, execution, row); `at` is the run's. */
export function openRejectsFile(folder: string, { run, at, publication }: Load): RejectsFile {
  let file: PartFile | undefined;
  return {
    async write(rejects) {
      if (rejects.length === 0) {
        return;
      }
      file ??= await openFile();
      const lines = rejects.map(({ execution, row, reason, raw }) =>
        JSON.stringify({ run, table: publication.table, execution, row, at, reason, raw }),
      );
      await file.write(`${lines.join('\n')}\n`);
    },
    async publish() {
      await file?.publish();
    },
    async discard() {
      await file?.discard();
    },
  };

  async function openFile(): Promise<PartFile> {
    const rejects = join(folder, REJECTS);
    await mkdir(rejects, { recursive: true });
    return openPartFile(join(rejects, `${runFileName(run)}.jsonl`));
  }
}

export const REJECTS = '_rejects';
