import { existsSync } from 'node:fs';
import { readFacts, readStagedRejects, runOf, stagedNames, type StagedReject } from '../../activities/staged-run.js';
import { loadStagingPlace } from '../../config.js';
import { reachStaging } from '../../reach-staging.js';
import { byFolder } from '../../staging/by-folder.js';
import { StagingError } from '../../staging/staging.js';

/** The runs whose exports are staged: that is where the rejects of a run lie that a gate holds. */
export interface StagedRuns {
  /** Those that have rejects. */
  list(): AsyncIterable<StagedRun>;
  /** Of one run, in the order of its records; none where nothing is staged. */
  rejects(run: string): AsyncIterable<StagedReject>;
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

  return {
    async *list() {
      for await (const [folder, entries] of byFolder(staging.list())) {
        const names = entries.filter(({ isFinished }) => isFinished).map(({ name }) => name);
        const run = runOf(folder, names);
        const facts = run === undefined ? undefined : await factsOf(run);
        if (facts && facts.rejected > 0) yield facts;
      }
    },
    async *rejects(run) {
      try {
        yield* readStagedRejects(staging, stagedNames(run, 'json').rejects);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof StagingError && error.reason === 'missing';
}
