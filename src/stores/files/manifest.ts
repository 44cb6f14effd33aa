import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StoreError } from '../store.js';
import { isErrno } from './file-failure.js';
import { openPartFile } from './part-file.js';

const mode = z.enum(['append', 'replace', 'merge']);
const count = z.number().int().nonnegative();
const names = z.array(z.string()).readonly();

const listedFile = z.object({
  name: z.string(),
  /** The run that wrote the file: an execution's id where the run is one. */
  executionId: z.string(),
  rows: count,
  bytes: count,
  /** In hex. */
  sha256: z.string(),
});

const manifestReceipt = z.object({
  run: z.string(),
  owner: z.string(),
  mode,
  key: names.optional(),
  schemaHash: z.string(),
  /** When the run's execution was created. */
  at: z.string(),
  publishedAt: z.string(),
  superseded: z.boolean(),
  records: count,
  rows: count,
  rejected: count,
  inserted: count,
  updated: count,
  unchanged: count,
  duplicates: count,
});

const manifestSchema = z.object({
  version: z.literal(1),
  table: z.string(),
  /** Who published to the table first. */
  owner: z.string(),
  /** The last publication's. */
  mode,
  /** Key of the table's first merge: from then on it has one row per key. */
  key: names.optional(),
  columns: z
    .array(
      z.object({ name: z.string(), type: z.enum(['text', 'timestamptz', 'bigint', 'numeric', 'boolean', 'jsonb']) }),
    )
    .readonly(),
  /** What is data. */
  files: z.array(listedFile).readonly(),
  /** What was data until the last publication: readers who hold the manifest before it still find these files. */
  superseded: names,
  /** The `at` of the last replace. */
  replacedAt: z.string().optional(),
  receipts: z.array(manifestReceipt).readonly(),
});

/** What a table is: whatever else lies in its folder is not data. It grows by one receipt with every publication. */
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = z.infer<typeof listedFile>;
export type ManifestReceipt = z.infer<typeof manifestReceipt>;

/** @returns undefined where the table does not exist. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isErrno(error) && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  return text === undefined ? undefined : parseManifest(path, text);
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = await openPartFile(join(folder, MANIFEST));
  try {
    await file.write(`${JSON.stringify(manifest, undefined, 1)}\n`);
    await file.publish();
  } finally {
    await file.discard();
  }
}

const MANIFEST = '_manifest.json';

function parseManifest(path: string, text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StoreError('rejected', `${path} is not a manifest that this version of titanflow wrote.`, { cause });
  }
}
