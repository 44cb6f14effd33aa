import { join } from 'node:path';
import { rejectsFileName } from '../file-names.js';
import type { ListedFile } from '../manifest.js';
import type { TablePlace } from '../place.js';
import type { PlacedFiles } from '../placed-files.js';
import type { RejectLine } from './reject-line.js';
import { idOf } from './replayed-rows.js';
import { readRejects, writeRejects } from './sorted-rejects.js';

/** A run's rejects as they are now. */
export interface RunRejects {
  /** Their ids, and whether they are marked as replayed. All are in memory, without their records. */
  readonly marks: ReadonlyMap<string, boolean>;
  /** On this machine; undefined = there are none. */
  readonly path: string | undefined;
}

/** @param rejects as the receipt lists them */
export async function readMarks(place: TablePlace, rejects: ListedFile | undefined, work: string): Promise<RunRejects> {
  const marks = new Map<string, boolean>();
  const path = rejects === undefined ? undefined : await place.fetch(rejects, work);
  for await (const batch of readAll(path)) {
    for (const reject of batch) {
      marks.set(idOf(reject), reject.replayedAt !== undefined);
    }
  }
  return { marks, path };
}

/** What a replay makes of rejects, by their ids. */
interface Replayed {
  readonly mended: ReadonlySet<string>;
  /** They stay rejects, for these reasons. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Puts a run's rejects into their place anew, marked. @returns what its receipt is to list */
export async function putMarked(
  placed: PlacedFiles,
  run: string,
  { path, marks }: RunRejects,
  { mended, refused }: Replayed,
  work: string,
): Promise<ListedFile> {
  const replayedAt = new Date().toISOString();
  async function* marked(): AsyncGenerator<readonly RejectLine[]> {
    for await (const batch of readAll(path)) {
      yield batch.map((reject) => {
        const id = idOf(reject);
        const reason = marks.get(id) === true ? undefined : refused.get(id);
        return { ...reject, ...(mended.has(id) ? { replayedAt } : {}), ...(reason === undefined ? {} : { reason }) };
      });
    }
  }
  const file = await writeRejects(join(work, 'marked.jsonl'), marked());
  return { name: await placed.put(file, rejectsFileName(run), true), bytes: file.bytes, sha256: file.sha256 };
}

async function* readAll(path: string | undefined): AsyncGenerator<readonly RejectLine[]> {
  if (path !== undefined) {
    yield* readRejects(path);
  }
}
