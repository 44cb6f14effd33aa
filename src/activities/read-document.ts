import { createHash, type Hash } from 'node:crypto';
import { orAborted } from '../domain/or-aborted.js';
import { DocumentError } from '../rows/document-error.js';
import { isGzip, unpack } from '../rows/unpack.js';

export interface DocumentReading {
  /** Called with each chunk until one, or what it belongs to, cannot be read. @throws DocumentError */
  judge(chunk: Buffer): Promise<unknown>;
  /** Called with each chunk, also behind what cannot be read. */
  keep(chunk: Buffer): Promise<unknown>;
  readonly signal: AbortSignal;
}

export interface ReadDocument {
  /** Set where the document cannot be read as rows. */
  readonly problem?: DocumentError;
  /** Hash of the bytes as they came, where they came compressed. */
  readonly packedSha256?: string;
}

/**
 * Reads a download, unpacked, to its end, also where it cannot be read as rows: only whole documents can be compared with
 * those that come at another look. The next chunk is judged while the one before it is kept.
 *
 * @throws DocumentError `unusable`, for which no end is worth waiting for; and what the download, `judge` and `keep` throw
 */
export async function readDocument(download: AsyncIterable<Buffer>, reading: DocumentReading): Promise<ReadDocument> {
  const { judge, keep, signal } = reading;
  const source = openSource(download);
  let problem: DocumentError | undefined;
  let kept: Promise<unknown> = Promise.resolve();

  const judgeUnlessBroken = async (chunk: Buffer): Promise<void> => {
    if (problem === undefined) problem = asProblem(await orProblem(() => judge(chunk)));
  };

  try {
    const unpacking = asProblem(
      await orProblem(async () => {
        for await (const chunk of unpack(source.chunks)) {
          // A pattern of the schema's may keep the judge's thread busy for a while.
          await orAborted(Promise.all([kept, judgeUnlessBroken(chunk)]), signal);
          kept = keep(chunk);
          // It is waited for above, when there is a next chunk.
          kept.catch(() => undefined);
        }
      }),
    );
    await orAborted(kept, signal);
    problem ??= unpacking;
    if (unpacking !== undefined) await orAborted(source.readToEnd(), signal);
    const packedSha256 = source.sha256();
    return { ...(problem ? { problem } : {}), ...(packedSha256 === undefined ? {} : { packedSha256 }) };
  } finally {
    await source.close();
  }
}

/** Returns why a document cannot be read in place of throwing it. @throws what else `work` throws */
export async function orProblem<Result>(work: () => Promise<Result>): Promise<Result | DocumentError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DocumentError && error.reason !== 'unusable') return error;
    throw error;
  }
}

function asProblem(outcome: unknown): DocumentError | undefined {
  return outcome instanceof DocumentError ? outcome : undefined;
}

/** The bytes as they come. Whoever stops reading them has not closed them. */
function openSource(download: AsyncIterable<Buffer>) {
  const reader = download[Symbol.asyncIterator]();
  let hash: Hash | undefined;
  let isFirst = true;
  let isOver = false;

  async function next(): Promise<IteratorResult<Buffer>> {
    const read = await reader.next();
    isOver = read.done === true;
    if (read.done === true) return read;
    if (isFirst && isGzip(read.value)) hash = createHash('sha256');
    isFirst = false;
    hash?.update(read.value);
    return read;
  }

  return {
    chunks: { [Symbol.asyncIterator]: () => ({ next }) },
    async readToEnd(): Promise<void> {
      while (!isOver) await next();
    },
    sha256: () => hash?.digest('hex'),
    async close(): Promise<void> {
      if (!isOver) await reader.return?.();
    },
  };
}
