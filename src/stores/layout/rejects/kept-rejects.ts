import type { KeptReject, RejectFilter } from '../../store.js';
import { parseManifest, type ListedFile, type Manifest } from '../manifest.js';
import type { Place, TablePlace } from '../place.js';
import { readRejects } from './sorted-rejects.js';

/** @returns undefined where the table does not exist */
export async function lookAtManifest(table: string, place: TablePlace): Promise<Manifest | undefined> {
  const seen = await place.readManifest();
  return seen === undefined ? undefined : parseManifest(table, seen.text);
}

/** The rejects that are meant, run by run, in the order of (execution, row). @param work a folder for files of one's own */
export async function* readKeptRejects(
  place: Place,
  filter: RejectFilter,
  work: string,
): AsyncGenerator<readonly KeptReject[]> {
  for (const { table, rejects } of await findRejects(place, filter)) {
    const path = await place.table(table).fetch(rejects, work);
    for await (const batch of readRejects(path)) {
      yield filter.replayed === true ? batch : batch.filter(({ replayedAt }) => replayedAt === undefined);
    }
  }
}

interface RejectedRun {
  readonly run: string;
  readonly table: string;
  readonly rejects: ListedFile;
}

async function findRejects(place: Place, { table, run }: RejectFilter): Promise<readonly RejectedRun[]> {
  const found: RejectedRun[] = [];
  for (const name of table === undefined ? await place.tables() : [table]) {
    const manifest = await lookAtManifest(name, place.table(name));
    for (const receipt of manifest?.receipts ?? []) {
      if (receipt.rejects !== undefined && (run === undefined || receipt.run === run)) {
        found.push({ run: receipt.run, table: name, rejects: receipt.rejects });
      }
    }
  }
  return found.toSorted((a, b) => (a.run === b.run ? compareTexts(a.table, b.table) : compareTexts(a.run, b.run)));
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
