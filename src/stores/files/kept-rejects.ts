import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KeptReject, RejectFilter } from '../store.js';
import { fileFailure, isErrno } from './file-failure.js';
import { runFileName, tableFolder } from './file-names.js';
import { readManifest, type Manifest } from './manifest.js';
import { readLines } from './read-lines.js';
import { REJECTS } from './rejects-file.js';

/** Rows of the last publication that was not superseded, by any run but one. */
export async function readLastRows(folder: string, exceptRun: string): Promise<number | undefined> {
  try {
    const manifest = await readManifest(folder);
    return manifest?.receipts.findLast(({ run, superseded }) => run !== exceptRun && !superseded)?.rows;
  } catch (error) {
    throw fileFailure(error);
  }
}

/** Table by table, and in each in the order in which the runs were published. */
export async function* readRejects(
  directory: string,
  { table, run }: RejectFilter,
): AsyncGenerator<readonly KeptReject[]> {
  try {
    for (const folder of table === undefined ? await listTables(directory) : [tableFolder(directory, table)]) {
      const manifest = await readManifest(folder);
      const receipts = manifest?.receipts.filter((receipt) => run === undefined || receipt.run === run) ?? [];
      for (const receipt of receipts) {
        yield* readRun(folder, receipt);
      }
    }
  } catch (error) {
    throw fileFailure(error);
  }
}

async function* readRun(
  folder: string,
  { run, rejected, superseded }: Manifest['receipts'][number],
): AsyncGenerator<readonly KeptReject[]> {
  if (rejected === 0 || superseded) {
    return;
  }
  for await (const lines of readLines(join(folder, REJECTS, `${runFileName(run)}.jsonl`))) {
    yield lines.map((line) => keptReject.parse(JSON.parse(line)));
  }
}

async function listTables(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

const keptReject = z.object({
  run: z.string(),
  table: z.string(),
  execution: z.string(),
  row: z.number(),
  at: z.string(),
  reason: z.string(),
  raw: z.string(),
});
