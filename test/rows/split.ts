import { expect } from 'vitest';
import type { Json } from '../../src/domain/json.js';
import { DocumentError } from '../../src/rows/document-error.js';
import type { RawRecord } from '../../src/rows/examiner.js';
import { createRecordSplitter, type CutRecord, type SplitOptions } from '../../src/rows/record-splitter.js';

export type Options = Partial<SplitOptions>;

/** Splits a document that arrives in chunks of the given sizes, over and over; the last one is what is left. */
export function cut(document: string | Buffer, options: Options = {}, sizes: readonly number[] = []): CutRecord[] {
  const bytes = Buffer.from(document);
  const splitter = createRecordSplitter({ format: 'json', ...options });
  const records: CutRecord[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    // A copy that is wiped: records must not be views of a buffer that its owner uses again.
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    records.push(...splitter.push(chunk));
    chunk.fill(0);
    at += size;
  }
  return [...records, ...splitter.end()];
}

/** The same, where every record can be read. */
export function split(document: string | Buffer, options: Options = {}, sizes: readonly number[] = []): RawRecord[] {
  return cut(document, options, sizes).map(parsed);
}

/** What is broken in a document, whole and in pieces of any size: row, problem and text of each such record. */
export function broken(document: string | Buffer, options: Options = {}): (readonly [number, string, string])[] {
  const find = (sizes: readonly number[]): (readonly [number, string, string])[] =>
    cut(document, options, sizes).flatMap(({ row, problem, text }) =>
      problem === undefined ? [] : [[row, problem, text] as const],
    );
  const found = find([]);
  for (const sizes of [[1], [2], [3, 7], [16]]) expect(find(sizes)).toStrictEqual(found);
  return found;
}

function parsed({ row, text, problem }: CutRecord): RawRecord {
  if (problem !== undefined) throw new DocumentError('incomplete', `record ${row}: ${problem}`);
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever JSON holds is JSON
    return { text, value: JSON.parse(text) as Json };
  } catch {
    throw new DocumentError('incomplete', `record ${row} is not valid JSON`);
  }
}

export function values(document: string | Buffer, options: Options = {}, sizes: readonly number[] = []): unknown[] {
  return split(document, options, sizes).map(({ value }) => value);
}

/** The error that a document ends with, whole and in single bytes. */
export function expectFailure(
  document: string | Buffer,
  reason: DocumentError['reason'],
  message: string | RegExp,
  options: Options = {},
): void {
  for (const sizes of [[], [1]]) {
    const error = failure(() => split(document, options, sizes));
    expect(error.message).toMatch(message);
    expect(error.reason).toBe(reason);
  }
}

export function failure(work: () => unknown): DocumentError {
  try {
    work();
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
