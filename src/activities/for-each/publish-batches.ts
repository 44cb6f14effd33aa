import type { StepPlace } from '../../domain/batch-ref.js';
import type { Publication, PublishReceipt } from '../../domain/run.js';
import type { Reject, Row } from '../../domain/rows.js';
import { schemaColumns } from '../../rows/columns.js';
import { profileColumns, type Profile } from '../../rows/examiner.js';
import { createProfileMerger } from '../../rows/merge-profiles.js';
import type { Staging } from '../../staging/staging.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { publishJudged, type Judging } from '../judged-load.js';
import { inTurn, type LoadTurn } from '../load-turn.js';
import { again, readRejects, readValidRows, type StagedSource } from '../staged-rows.js';
import { readFacts, stagedNames } from '../staged-run.js';
import { openStepFiles, unlessGone, type BatchNote } from './step-files.js';

/** What all staged batches of a step hold together. */
export interface SummedBatches {
  readonly batches: number;
  readonly records: number;
  readonly rejected: number;
}

export interface PublishBatchesInput extends Judging {
  readonly run: string;
  readonly publication: Publication;
  /** For a run without any batch: when it was begun. RFC 3339 in UTC. */
  readonly begunAt: string;
  /** Path of the rows in a document, if it was given. */
  readonly records?: string;
}

export function createStepPublishing(dependencies: ActivityDependencies) {
  const { staging, publishTurns } = dependencies;
  return {
    /** Counts what is staged, and writes down of which batches it is: from now on these are the step's. */
    sumBatches({ run }: StepPlace, batches: number): Promise<SummedBatches> {
      return attempt({ paid: true }, async () => {
        const files = openStepFiles(staging, run);
        const notes = (await files.readNotes(1, batches)).filter((note) => note !== undefined);
        await files.writeManifest(notes);
        const sum = (count: (note: BatchNote) => number): number =>
          notes.reduce((total, note) => total + count(note), 0);
        const records = sum((note) => note.export.records);
        return { batches: notes.length, records, rejected: sum((note) => note.rejected) };
      });
    },

    /** Loads all batches of a step into one store, as one run and once: a second attempt finds the receipt. */
    publishBatches(input: PublishBatchesInput): Promise<PublishReceipt> {
      return attempt({ paid: true }, (current) =>
        inTurn(publishTurns, input.publication, current, (load) => publish(dependencies, input, load)),
      );
    },
  };
}

async function publish(
  { staging, stores }: ActivityDependencies,
  { run, publication, begunAt, records, ...judging }: PublishBatchesInput,
  turn: LoadTurn,
): Promise<PublishReceipt> {
  return unlessGone(async () => {
    const files = openStepFiles(staging, run);
    const notes = await files.readManifest();
    const { task, pipeline } = await files.readTask();
    const profile = await mergedProfile(staging, notes);
    const columns = notes.length === 0 ? schemaColumns(task.output_schema, records) : undefined;
    const load = {
      publication,
      run,
      owner: pipeline,
      at: notes.map(({ createdAt }) => createdAt).reduce(newest, notes.length === 0 ? begunAt : ''),
      columns: columns ?? profileColumns(profile),
      records: profile.records,
      rejected: profile.rejected,
      rows: again(() => rowsOf(staging, notes, profile)),
      rejects: again(() => rejectsOf(staging, notes)),
      ...turn,
    };
    return await publishJudged(stores.get(publication.store), load, judging, {});
  });
}

async function mergedProfile(staging: Staging, notes: readonly BatchNote[]): Promise<Profile> {
  const merger = createProfileMerger();
  for (const note of notes) merger.add((await sourceOf(staging, note)).facts.profile);
  return merger.merged();
}

async function* rowsOf(
  staging: Staging,
  notes: readonly BatchNote[],
  profile: Profile,
): AsyncGenerator<readonly Row[]> {
  for (const note of notes) yield* readValidRows(staging, await sourceOf(staging, note), profile, note.createdAt);
}

async function* rejectsOf(staging: Staging, notes: readonly BatchNote[]): AsyncGenerator<Reject> {
  for (const note of notes) yield* readRejects(staging, await sourceOf(staging, note));
}

async function sourceOf(staging: Staging, { executionId, export: ref }: BatchNote): Promise<StagedSource> {
  return { executionId, export: ref, facts: await readFacts(staging, stagedNames(executionId, ref.format).facts) };
}

function newest(one: string, other: string): string {
  return one === '' || Date.parse(other) > Date.parse(one) ? other : one;
}
