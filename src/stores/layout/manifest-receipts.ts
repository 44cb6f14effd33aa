import type { PublishReceipt } from '../../domain/run.js';
import { mergeKey, requireSameTerms } from '../publication-rules.js';
import { schemaHash } from '../schema-hash.js';
import type { Load } from '../store.js';
import type { ListedFile, Manifest, ManifestReceipt } from './manifest.js';

/** @throws StoreError where the run's receipt stands for another publication */
export function findReceipt({ publication, run }: Load, manifest: Manifest | undefined): PublishReceipt | undefined {
  const found = manifest?.receipts.find((receipt) => receipt.run === run);
  if (found === undefined) {
    return undefined;
  }
  requireSameTerms(publication, run, { mode: found.mode, key: found.key });
  const { mode, superseded, records, rows, rejected, inserted, updated, unchanged, duplicates, widened } = found;
  const { store, table } = publication;
  const counts = { records, rows, rejected, inserted, updated, unchanged, duplicates };
  return { store, table, mode, superseded, ...counts, ...(widened ? { widened } : {}) };
}

/** @param rejects where the run's are; undefined = it has none, or they are not kept */
export function withReceipt(
  manifest: Manifest,
  load: Load,
  receipt: PublishReceipt,
  rejects: ListedFile | undefined,
): Manifest {
  const { store: _, table: __, widened, ...counts } = receipt;
  const key = mergeKey(load.publication);
  const written: ManifestReceipt = {
    run: load.run,
    owner: load.owner,
    ...(key === undefined ? {} : { key }),
    schemaHash: schemaHash(load.columns),
    at: load.at,
    publishedAt: new Date().toISOString(),
    ...counts,
    ...(widened === undefined ? {} : { widened: [...widened] }),
    ...(rejects === undefined ? {} : { rejects }),
  };
  return { ...manifest, receipts: [...manifest.receipts, written] };
}
