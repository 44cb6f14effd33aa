import { existsSync } from 'node:fs';
import { openStepFiles } from '../../activities/for-each/step-files.js';
import { readFacts, readStagedRejects, runOf, stagedNames, type StagedReject } from '../../activities/staged-run.js';
import { readEnd } from '../../activities/staged-end.js';
import { loadStagingPlace } from '../../config.js';
import type { Json } from '../../domain/json.js';
import { reachStaging } from '../../reach-staging.js';
import { byFolder } from '../../staging/by-folder.js';
import { StagingError } from '../../staging/staging.js';

/** The runs whose exports are staged: that is where the rejects of a run lie that a gate holds. */
export interface StagedRuns {
  /** Those that have rejects. */
  list(): AsyncIterable<StagedRun>;
  /** Of one run, in the order of its records, with the execution where it has many; none where nothing is staged. */
  rejects(run: string): AsyncIterable<StagedReject & { readonly execution?: string }>;
  /** The task by whose schema the records of an execution of a run were judged; undefined where nothing of it is staged. */
  task(run: string, executionId: string): Promise<{ readonly schema?: Json } | undefined>;
}

export interface StagedRun {
  readonly run: string;
  readonly records: number;
  readonly rejected: number;
}

/** @returns undefined where staging is a directory that is not on this machine: it is not made only to be looked at */
export async function openStagedRuns(): Promise<StagedRuns | undefined> {
  const place = loadStagingPlace();
  if (place.kind === 'directory' && !existsSync(place.directory)) return undefined;
  const staging = await reachStaging(place);

  async function factsOf(run: string): Promise<StagedRun | undefined> {
    try {
      const { profile } = await readFacts(staging, stagedNames(run, 'json').facts);
      return { run, records: profile.records, rejected: profile.rejected };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Of a `forEach` step the batches are no runs of their own. */
  async function summed(run: string, ownedByStep: Set<string>): Promise<StagedRun> {
    const batches = await openStepFiles(staging, run).readManifest();
    for (const { executionId } of batches) ownedByStep.add(executionId);
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    return {
      run,
      records: sum(batches.map((batch) => batch.export.records)),
      rejected: sum(batches.map(({ rejected }) => rejected)),
    };
  }

  async function* rejectsIn(run: string): AsyncGenerator<StagedReject> {
    yield* readStagedRejects(staging, stagedNames(run, 'json').rejects);
  }

  return {
    async *list() {
      const ownedByStep = new Set<string>();
      const runs: string[] = [];
      for await (const [folder, entries] of byFolder(staging.list())) {
        const names = entries.filter(({ isFinished }) => isFinished).map(({ name }) => name);
        const run = runOf(folder, names);
        if (run === undefined) continue;
        if (!names.includes(`${folder}/manifest.jsonl`)) {
          runs.push(run);
          continue;
        }
        const step = await summed(run, ownedByStep);
        if (step.rejected > 0) yield step;
      }
      for (const run of runs) {
        const facts = ownedByStep.has(run) ? undefined : await factsOf(run);
        if (facts && facts.rejected > 0) yield facts;
      }
    },
    async task(run, executionId) {
      const end = await readEnd(staging, executionId);
      if (end) return end.task;
      try {
        const { task } = await openStepFiles(staging, run).readTask();
        return task.output_schema === undefined ? {} : { schema: task.output_schema };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async *rejects(run) {
      try {
        yield* rejectsIn(run);
        return;
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      try {
        for (const { executionId } of await openStepFiles(staging, run).readManifest()) {
          for await (const reject of rejectsIn(executionId)) yield { ...reject, execution: executionId };
        }
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof StagingError && error.reason === 'missing';
}
