import { createHash, type Hash } from 'node:crypto';
import type { Reject, Row } from '../domain/rows.js';
import type { ExportRef } from '../domain/run.js';
import type { Profile } from '../rows/examiner.js';
import { plainByColumns } from '../rows/plain-rows.js';
import type { PlainRecords } from '../rows/plain-records.js';
import { createRecordSplitter, type CutRecord } from '../rows/record-splitter.js';
import { createRowReader } from '../rows/row-reader.js';
import { StagingError, type Staging } from '../staging/staging.js';
import { readStagedRejects, stagedNames, type StagedFacts } from './staged-run.js';

/** What one execution has left in staging. */
export interface StagedSource {
  readonly executionId: string;
  readonly export: ExportRef;
  readonly facts: StagedFacts;
}

/**
 * Reads a document a second time, by what the first time taught; the rejected records are left out.
 *
 * @throws StagingError `missing` where it is not there, or is not what was exported
 */
export async function* readValidRecords(
  staging: Staging,
  { executionId, export: ref, facts: { rowKeys, records: path } }: StagedSource,
  plain?: PlainRecords,
): AsyncGenerator<readonly CutRecord[]> {
  const names = stagedNames(executionId, ref.format);
  const rejected = new Set<number>();
  for await (const reject of readStagedRejects(staging, names.rejects)) rejected.add(reject.row);
  const splitter = createRecordSplitter({
    format: ref.format,
    rowSchemaKeys: new Set(rowKeys),
    plain,
    ...(path === undefined ? {} : { records: path }),
  });
  const valid = (records: readonly CutRecord[]): readonly CutRecord[] =>
    rejected.size === 0 ? records : records.filter(({ row }) => !rejected.has(row));
  const hash = createHash('sha256');
  for await (const chunk of staging.read(names.export)) {
    hash.update(chunk);
    yield valid(splitter.push(chunk));
  }
  requireSame(hash, ref);
  yield valid(splitter.end());
}

/** @param profile of this document, or of several that go to one table together */
export async function* readValidRows(
  staging: Staging,
  source: StagedSource,
  profile: Profile,
  at: string,
): AsyncGenerator<readonly Row[]> {
  const rowOf = createRowReader(profile, { execution: source.executionId, at });
  for await (const records of readValidRecords(staging, source, plainByColumns(profile))) {
    yield records.map(rowOf);
  }
}

export async function* readRejects(
  staging: Staging,
  { executionId, export: { format } }: StagedSource,
): AsyncGenerator<Reject> {
  for await (const reject of readStagedRejects(staging, stagedNames(executionId, format).rejects)) {
    yield { execution: executionId, ...reject };
  }
}

/** Reads anew each time it is iterated: a store may need the rows more than once. */
export function again<Item>(read: () => AsyncIterable<Item>): AsyncIterable<Item> {
  return { [Symbol.asyncIterator]: () => read()[Symbol.asyncIterator]() };
}

/** An attempt that was given up for dead may have staged other results since; nothing is committed yet. */
export function requireSame(hash: Hash, { uri, sha256 }: ExportRef): void {
  if (hash.digest('hex') !== sha256) throw new StagingError('missing', `staging: ${uri} is not what was exported`);
}
