import { orAborted } from '../domain/or-aborted.js';
import type { ExportRef } from '../domain/run.js';
import { refuseUnusableSchema } from '../rows/check-schema.js';
import { DocumentError } from '../rows/document-error.js';
import { openJudging } from '../rows/judging.js';
import type { RejectedRecord } from '../rows/record-judge.js';
import { rowSchema } from '../rows/row-schema.js';
import type { StagedWriter, Staging } from '../staging/staging.js';
import type { ExportStream } from '../task-service/export-stream.js';
import type { ExportResultsInput, StagedExport } from './export-results.js';
import { orProblem, readDocument } from './read-document.js';
import type { ExportOptions } from './staged-before.js';
import { stagedNames, writeStaged, type StagedFacts, type StagedReject } from './staged-run.js';
import { UnreadExport, unreadNow, type Looks, type UnreadDocument } from './unread-export.js';

/** How an export that cannot be read is compared with those of other looks. */
export interface Looking {
  /** What the last attempt could not read. */
  readonly before?: UnreadDocument | undefined;
  /** Called with what this one cannot read. */
  readonly note?: (unread: UnreadDocument) => void;
  /** Whether another attempt is made after this one. */
  readonly isLast?: (error: UnreadExport) => boolean;
}

/**
 * Downloads an export into staging and proves it.
 *
 * @param download called when all is ready for it
 * @throws UnreadExport where what came cannot be read as rows; what the leaves throw
 */
export async function stageExport(
  staging: Staging,
  { executionId, format = 'json', records, coerce }: ExportResultsInput,
  { owner, schema }: Pick<ExportOptions, 'owner' | 'schema'>,
  download: () => Promise<ExportStream>,
  looks: Looking,
  signal: AbortSignal,
): Promise<StagedExport> {
  const names = stagedNames(executionId, format);
  const path = records === undefined ? {} : { records };
  const options = { outputSchema: schema, format, ...path, ...(coerce === undefined ? {} : { coerce }) };
  await refuseUnusableSchema(options, signal);
  const judging = openJudging(options);
  const document = await staging.create(names.export);
  const rejects = await staging.create(names.rejects);
  // A document that could not be read at the last look may be given up at this one, and is kept then.
  const unread = looks.before ? await staging.create(names.unread) : undefined;
  const keepRejects = async (rejected: readonly RejectedRecord[]): Promise<void> => {
    for (const reject of rejected) await rejects.write(`${JSON.stringify(reject satisfies StagedReject)}\n`);
  };
  try {
    // Only now: where nothing can be staged, no request is spent.
    const { chunks, hasEnd } = await download();
    const { problem, packedSha256 } = await readDocument(chunks, {
      judge: (chunk) => judging.push(chunk).then(keepRejects),
      keep: (chunk) => Promise.all([document.write(chunk), unread?.write(chunk)]),
      signal,
    });
    const verdict = problem ?? (await orProblem(() => orAborted(judging.end(), signal)));
    if (verdict instanceof DocumentError) {
      const { bytes, sha256 } = document.soFar();
      const seen = unreadNow(looks.before, { bytes, sha256: packedSha256 ?? sha256 });
      throw await unreadable(verdict, seen, hasEnd, looks, unread);
    }
    const { rejects: last, profile, longest, isPlainArray } = verdict;
    await keepRejects(last);
    await rejects.commit();
    const rowKeys = [...rowSchema(schema, records).rowKeys];
    const facts: StagedFacts = {
      profile,
      owner,
      rowKeys,
      ...path,
      ...(isPlainArray ? { plainArray: { longest } } : {}),
    };
    await writeStaged(staging, names.facts, facts);
    // Last, because its name says that all is there.
    const { uri, bytes, sha256 } = await document.commit();
    const ref: ExportRef = { uri, format, bytes, records: profile.records, sha256 };
    return { export: ref, rejected: profile.rejected, ...placeOf(staging) };
  } finally {
    await judging.close();
    await rejects.abort();
    await document.abort();
    await unread?.abort();
  }
}

/** Keeps what cannot be read where it is not asked for again. */
async function unreadable(
  problem: DocumentError,
  seen: UnreadDocument,
  isProvenWhole: boolean,
  looks: Looking,
  unread: StagedWriter | undefined,
): Promise<UnreadExport> {
  looks.note?.(seen);
  const counted: Looks = { count: seen.looks, forMs: Date.now() - seen.since, isProvenWhole };
  const isFinal = looks.isLast?.(new UnreadExport(problem, counted));
  const kept = isFinal === true ? await unread?.commit() : undefined;
  return new UnreadExport(problem, counted, isFinal, kept?.uri);
}

export function placeOf({ id }: Staging): Pick<StagedExport, 'stagingId'> {
  return id === undefined ? {} : { stagingId: id };
}
