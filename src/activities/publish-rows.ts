import { createHash, type Hash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { Reject, Row } from '../domain/rows.js';
import type { Publication, PublishReceipt } from '../domain/run.js';
import { createTextSplitter } from '../rows/record-splitter.js';
import { createRowReader } from '../rows/row-reader.js';
import { StagingError, type Staging } from '../staging/staging.js';
import type { PlainDocument } from '../stores/store.js';
import type { ActivityDependencies } from './activities.js';
import { attempt, type Attempt } from './attempt.js';
import type { StagedExport } from './export-results.js';
import { readFacts, readStagedRejects, stagedNames, type StagedFacts } from './staged-run.js';

export interface PublishRowsInput {
  readonly executionId: string;
  readonly staged: StagedExport;
  readonly publication: Publication;
  /** When the execution was created, RFC 3339 in UTC. */
  readonly at: string;
}

export function createPublishing(dependencies: ActivityDependencies) {
  const { publishTurns } = dependencies;
  return {
    /** Loads a staged export into one store, once: a second attempt finds the receipt. */
    publishRows(input: PublishRowsInput): Promise<PublishReceipt> {
      const details = { executionId: input.executionId, export: input.staged.export };
      return attempt({ paid: true, details }, (attempt) =>
        publishTurns.add(() => publish(dependencies, input, attempt), { signal: attempt.signal }),
      );
    },
  };
}

async function publish(
  { staging, stores }: ActivityDependencies,
  input: PublishRowsInput,
  { signal, report }: Attempt,
): Promise<PublishReceipt> {
  const { executionId, staged, publication, at } = input;
  try {
    const source = await openSource(staging, input);
    return await stores.get(publication.store).publish({
      publication,
      run: executionId,
      owner: source.facts.owner,
      at,
      columns: source.facts.profile.columns,
      records: source.facts.profile.records,
      rejected: source.facts.profile.rejected,
      rows: source.rows(),
      rejects: source.rejects(),
      ...(source.document ? { document: source.document } : {}),
      signal,
      onProgress: (rows) => report({ rows }),
    });
  } catch (error) {
    if (!(error instanceof StagingError) || error.reason !== 'missing') throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'ExportGone', { executionId, export: staged.export });
  }
}

interface Source {
  readonly facts: StagedFacts;
  rows(): AsyncGenerator<readonly Row[]>;
  rejects(): AsyncGenerator<Reject>;
  readonly document?: PlainDocument;
}

async function openSource(staging: Staging, { executionId, staged, at }: PublishRowsInput): Promise<Source> {
  const names = stagedNames(executionId, staged.export.format);
  const facts = await readFacts(staging, names.facts);
  const document = documentOf(staging, names, facts, executionId, staged);
  return {
    facts,
    rows: () => readRows(staging, names, facts, { execution: executionId, at }, staged),
    rejects: () => readRejects(staging, names.rejects, executionId),
    ...(document ? { document } : {}),
  };
}

/** Reads the document a second time, by what the first time taught; the rejected records are left out. */
async function* readRows(
  staging: Staging,
  names: ReturnType<typeof stagedNames>,
  { profile, rowKeys, records }: StagedFacts,
  source: { readonly execution: string; readonly at: string },
  staged: StagedExport,
): AsyncGenerator<readonly Row[]> {
  const rejected = new Set<number>();
  for await (const reject of readRejects(staging, names.rejects, source.execution)) rejected.add(reject.row);
  const splitter = createTextSplitter({
    format: staged.export.format,
    rowSchemaKeys: new Set(rowKeys),
    ...(records === undefined ? {} : { records }),
  });
  const rowOf = createRowReader(profile, source);
  let next = 0;
  function valid(records: readonly string[]): readonly Row[] {
    const rows: Row[] = [];
    for (const record of records) {
      const row = next++;
      if (!rejected.has(row)) rows.push(rowOf(record, row));
    }
    return rows;
  }
  const hash = createHash('sha256');
  for await (const chunk of staging.read(names.export)) {
    hash.update(chunk);
    yield valid(splitter.push(chunk));
  }
  requireSame(hash, staged);
  yield valid(splitter.end());
}

function documentOf(
  staging: Staging,
  names: ReturnType<typeof stagedNames>,
  { plainArray }: StagedFacts,
  execution: string,
  staged: StagedExport,
): PlainDocument | undefined {
  const path = staging.pathOf(names.export);
  if (plainArray === undefined || path === undefined) return undefined;
  return {
    path,
    execution,
    longestBytes: plainArray.longest,
    async prove() {
      const hash = createHash('sha256');
      for await (const chunk of staging.read(names.export)) hash.update(chunk);
      requireSame(hash, staged);
    },
  };
}

/** An attempt that was given up for dead may have staged other results since; nothing is committed yet. */
function requireSame(hash: Hash, { export: { uri, sha256 } }: StagedExport): void {
  if (hash.digest('hex') !== sha256) throw new StagingError('missing', `staging: ${uri} is not what was exported`);
}

async function* readRejects(staging: Staging, name: string, execution: string): AsyncGenerator<Reject> {
  for await (const reject of readStagedRejects(staging, name)) yield { execution, ...reject };
}
