import { join } from 'node:path';
import type { Column } from '../../domain/rows.js';
import { mergeKey } from '../publication-rules.js';
import type { Load } from '../store.js';
import { typedCell } from '../typed-cell.js';
import type { Format, WrittenFile } from './formats/format.js';
import { typesOf } from './incoming-load.js';
import type { Manifest } from './manifest.js';

/** Makes a load's data file of its document as it is; undefined = that cannot be, and the rows are to be read. */
export type DocumentTaker = (
  manifest: Manifest | undefined,
  columns: readonly Column[],
) => Promise<WrittenFile | undefined>;

/**
 * Rows of a load need nothing of ours where they are added as they are, to columns of their own types. Whatever goes wrong
 * then is found, and told, by reading the rows.
 */
export function createDocumentTaker(format: Format, load: Load, work: string): DocumentTaker {
  const { document, columns: members, records, rejected, publication, signal } = load;
  const at = typedCell('timestamptz', JSON.stringify(load.at));
  const isPossible = records > 0 && rejected === 0 && mergeKey(publication) === undefined && typeof at === 'string';
  let taken: { readonly columns: string; readonly file: WrittenFile | undefined } | undefined;

  async function take(columns: readonly Column[]): Promise<WrittenFile | undefined> {
    if (document === undefined || format.writeDocument === undefined || typeof at !== 'string') return undefined;
    try {
      const path = join(work, `document.${format.ending}`);
      return await format.writeDocument({ document, records, at: at.slice(1, -1), members, columns, path, signal });
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  return async (manifest, columns) => {
    const areSame = typesOf(members, columns).every(({ type }, position) => type === members[position]?.type);
    if (!isPossible || manifest?.key !== undefined || !areSame) return undefined;
    const wanted = JSON.stringify(columns);
    if (taken?.columns !== wanted) taken = { columns: wanted, file: await take(columns) };
    if (taken.file !== undefined) load.onProgress(records);
    return taken.file;
  };
}
