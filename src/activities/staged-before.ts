import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../domain/json.js';
import type { ExportRef } from '../domain/run.js';
import { StagingError, type Staging } from '../staging/staging.js';
import { stagedEnd, type StagedEnd } from './staged-end.js';
import { readFacts, readStaged, writeStaged, type StagedNames } from './staged-run.js';

/** All that decides what is staged, beside the results themselves. */
export interface ExportOptions {
  readonly format: string;
  readonly schema: Json | undefined;
  readonly records: string | undefined;
  readonly coerce: boolean | undefined;
  readonly owner: string;
}

interface StagedBefore {
  readonly export: ExportRef;
  /** Records that failed validation. */
  readonly rejected: number;
}

/** Notes that an export is staged whole, so that nobody asks for it again who wants the same of it. */
export function createStagedNote(staging: Staging, names: StagedNames, options: ExportOptions) {
  const made = createHash('sha256').update(JSON.stringify(options)).digest('hex');
  return {
    /** @returns undefined where it is not there, or not whole any more, or was made with other options */
    async find(): Promise<StagedBefore | undefined> {
      const found = await whereThere(() => readStaged(staging, names.note, note));
      if (found?.staged === undefined || found.made !== made) return undefined;
      return (await isWhole(staging, names, found.staged.export)) ? found.staged : undefined;
    },
    /** @returns the document as it was downloaded, whatever it was judged by; undefined where it is not there, or not whole */
    async document(): Promise<AsyncIterable<Buffer> | undefined> {
      const found = await whereThere(() => readStaged(staging, names.note, note));
      const { sha256 } = found?.staged?.export ?? found?.document ?? {};
      if (sha256 === undefined) return undefined;
      const isSame = (await whereThere(() => hashOf(staging, names.export))) === sha256;
      return isSame ? copies(staging.read(names.export)) : undefined;
    },
    /** Comes before anything is replaced: what was noted is no longer so. Only the document stays what it was. */
    async withdraw(): Promise<void> {
      const found = await whereThere(() => readStaged(staging, names.note, note));
      if (found === undefined) return;
      const document = found.staged?.export ?? found.document;
      const kept = { ...(document ? { document } : {}), ...(found.end ? { end: found.end } : {}) };
      await writeStaged(staging, names.note, { made, ...kept } satisfies Note);
    },
    /** @param end of the execution; default: as it was written before, if it was */
    async write(staged: StagedBefore, end?: StagedEnd): Promise<void> {
      const known = end ?? (await whereThere(() => readStaged(staging, names.note, note)))?.end;
      await writeStaged(staging, names.note, { made, staged, ...(known ? { end: known } : {}) } satisfies Note);
    },
  };
}

/** Whether all that belongs to an export is in staging, as it was written. */
export async function isWhole(staging: Staging, names: StagedNames, { sha256 }: ExportRef): Promise<boolean> {
  const isSame = await whereThere(async () => {
    await readFacts(staging, names.facts);
    await hashOf(staging, names.rejects);
    return (await hashOf(staging, names.export)) === sha256;
  });
  return isSame === true;
}

export const exportRef = z.object({
  uri: z.string(),
  format: z.enum(['json', 'csv']),
  bytes: z.number(),
  records: z.number(),
  sha256: z.string(),
});

const note = z.object({
  made: z.string(),
  staged: z.object({ export: exportRef, rejected: z.number() }).exactOptional(),
  /** Set while the results are judged anew. */
  document: exportRef.exactOptional(),
  end: stagedEnd.exactOptional(),
});

type Note = z.infer<typeof note>;

/** @returns undefined where it is not there */
export async function whereThere<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StagingError && error.reason === 'missing') return undefined;
    throw error;
  }
}

/** Whoever reads them may keep one while the next is read. */
async function* copies(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

async function hashOf(staging: Staging, name: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of staging.read(name)) hash.update(chunk);
  return hash.digest('hex');
}
