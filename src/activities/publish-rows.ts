import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { Publication, PublishReceipt } from '../domain/run.js';
import { profileColumns } from '../rows/examiner.js';
import { StagingError, type Staging } from '../staging/staging.js';
import type { PlainDocument } from '../stores/store.js';
import type { ActivityDependencies } from './activities.js';
import { attempt } from './attempt.js';
import type { StagedExport } from './export-results.js';
import { publishJudged, type Judging } from './judged-load.js';
import { inTurn, type LoadTurn } from './load-turn.js';
import { again, readRejects, readValidRows, requireSame, type StagedSource } from './staged-rows.js';
import { readFacts, stagedNames } from './staged-run.js';

export interface PublishRowsInput extends Judging {
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
        inTurn(publishTurns, input.publication, attempt, (load) => publish(dependencies, input, load)),
      );
    },
  };
}

async function publish(
  { staging, stores }: ActivityDependencies,
  input: PublishRowsInput,
  turn: LoadTurn,
): Promise<PublishReceipt> {
  const { executionId, staged, publication, at } = input;
  try {
    const { export: ref } = staged;
    const facts = await readFacts(staging, stagedNames(executionId, ref.format).facts);
    const source: StagedSource = { executionId, export: ref, facts };
    const { profile, owner } = facts;
    const document = documentOf(staging, source);
    const load = {
      publication,
      run: executionId,
      owner,
      at,
      columns: profileColumns(profile),
      records: profile.records,
      rejected: profile.rejected,
      rows: again(() => readValidRows(staging, source, profile, at)),
      isOfOneExecution: true,
      rejects: again(() => readRejects(staging, source)),
      ...(document ? { document } : {}),
      ...turn,
    };
    return await publishJudged(stores.get(publication.store), load, input, { executionId, export: ref });
  } catch (error) {
    if (!(error instanceof StagingError) || error.reason !== 'missing') throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'ExportGone', { executionId, export: staged.export });
  }
}

function documentOf(staging: Staging, { executionId, export: ref, facts }: StagedSource): PlainDocument | undefined {
  const name = stagedNames(executionId, ref.format).export;
  const path = staging.pathOf(name);
  if (facts.plainArray === undefined || path === undefined) return undefined;
  return {
    path,
    execution: executionId,
    longestBytes: facts.plainArray.longest,
    async prove() {
      const hash = createHash('sha256');
      for await (const chunk of staging.read(name)) hash.update(chunk);
      requireSame(hash, ref);
    },
  };
}
