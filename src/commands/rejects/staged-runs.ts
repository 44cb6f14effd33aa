import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFacts, readStagedRejects, stagedNames, type StagedReject } from '../../activities/staged-run.js';
import { loadStagingPlace } from '../../config.js';
import { openLocalStaging } from '../../staging/local-staging.js';
import { StagingError } from '../../staging/staging.js';

/** The runs whose exports are staged on this machine: that is where the rejects of a run lie that a gate holds. */
export interface StagedRuns {
  readonly directory: string;
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

/** @returns undefined where there is no staging directory on this machine */
export async function openStagedRuns(): Promise<StagedRuns | undefined> {
  const place = loadStagingPlace();
  if (place.kind !== 'directory' || !existsSync(join(place.directory, 'id'))) return undefined;
  const { directory } = place;
  const staging = await openLocalStaging(directory);

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
    directory,
    async *list() {
      for (const entry of await readdir(directory, { withFileTypes: true })) {
        const run = entry.isDirectory() ? runIn(entry.name) : undefined;
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

/** Undefined for a folder that somebody else has put there. */
function runIn(folder: string): string | undefined {
  try {
    return decodeURIComponent(folder);
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof StagingError && error.reason === 'missing';
}
