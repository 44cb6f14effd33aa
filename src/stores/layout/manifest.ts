import { z } from 'zod';
import type { Column } from '../../domain/rows.js';
import { StoreError } from '../store.js';
import { unitedColumns, widenings, withGuesses, type TableRecord } from '../publication-rules.js';

const mode = z.enum(['append', 'replace', 'merge']);
const count = z.number().int().nonnegative();
const names = z.array(z.string()).readonly();

const listedFile = z.object({
  /** Within the table's folder. */
  name: z.string(),
  bytes: count,
  /** In hex. */
  sha256: z.string(),
});

const dataFile = z.object({
  name: z.string(),
  /** The run that wrote the file: an execution's id where the run is one. */
  executionId: z.string(),
  rows: count,
  bytes: count,
  sha256: z.string(),
  /** CSV only: texts that a spreadsheet would take for a formula have a `'` before them. */
  escapedFormulas: z.literal(true).optional(),
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
  widened: names.optional(),
  /** Where the run's rejects are, by (execution, row); a replay writes them anew. */
  rejects: listedFile.optional(),
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
  /** Columns whose types no schema has told. */
  guesses: z.record(z.string(), z.enum(['type', 'empty'])).optional(),
  /** What is data. */
  files: z.array(dataFile).readonly(),
  /** What was data until the last publication: readers who hold the manifest before it still find these files. */
  superseded: names,
  /** What went with the last publication, if nothing kept it. */
  removed: names.default([]),
  /** The `at` of the last replace. */
  replacedAt: z.string().optional(),
  receipts: z.array(manifestReceipt).readonly(),
});

/** What a table is: whatever else lies in its folder is not data. It grows by one receipt with every publication. */
export type Manifest = z.infer<typeof manifestSchema>;
export type DataFile = z.infer<typeof dataFile>;
export type ListedFile = z.infer<typeof listedFile>;
export type ManifestReceipt = z.infer<typeof manifestReceipt>;

/** @throws StoreError */
export function parseManifest(table: string, text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    const told = `Table ${JSON.stringify(table)}: its _manifest.json is not a manifest that this version of titanflow wrote.`;
    throw new StoreError('rejected', told, { cause });
  }
}

export function printManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

/** What a reader of the manifest may ask for. */
export function listedNames({ files, receipts }: Pick<Manifest, 'files' | 'receipts'>): readonly string[] {
  const rejects = receipts.flatMap((receipt) => (receipt.rejects === undefined ? [] : [receipt.rejects.name]));
  return [...files.map(({ name }) => name), ...rejects];
}

/** What the rules of publications go by. */
export function recordOf(manifest: Manifest | undefined): TableRecord | undefined {
  return manifest === undefined
    ? undefined
    : { owner: manifest.owner, key: manifest.key, guesses: manifest.guesses ?? {} };
}

/** Says which columns of the table have a narrower type than these. */
export function widenedColumns(manifest: Manifest | undefined, columns: readonly Column[]): readonly string[] {
  return widenings(
    (manifest?.columns ?? []).map((column) => ({ ...column, holds: column.type })),
    columns,
  );
}

/** The table's columns after a load of these. @throws StoreError for a clash of types */
export function columnsWith(
  manifest: Manifest | undefined,
  table: string,
  incoming: readonly Column[],
): readonly Column[] {
  const { columns = [], guesses = {} } = manifest ?? {};
  const have = columns.map(({ name, type }) => ({ name, type, holds: type }));
  return unitedColumns(table, withGuesses(have, guesses), incoming);
}
