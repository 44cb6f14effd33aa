import { ApplicationFailure } from '@temporalio/common';
import type { RowsSource } from '../../domain/pipeline.js';
import { serviceFact } from '../../task-service/service-facts.js';
import { TaskServiceError } from '../../task-service/task-service-error.js';
import type { ActivityDependencies } from '../activities.js';
import { failureContext, type Attempt, type AttemptOptions } from '../attempt.js';
import { createExports, type ExportResultsInput } from '../export-results.js';
import { isWorthAnotherLook } from '../failures.js';
import { whereThere } from '../staged-before.js';
import type { StagedSource } from '../staged-rows.js';
import { readFacts, stagedNames } from '../staged-run.js';
import { exportsOf } from './stage-again.js';
import { openStepFiles, type BatchNote } from './step-files.js';

/** Finds the rows that a step is fed with. Those that are not staged here are exported again, which costs nothing. */
export function createSources(dependencies: ActivityDependencies) {
  const { staging } = dependencies;
  const exportOf = createExports(dependencies);

  async function sourceOf(executionId: string, ref: StagedSource['export']): Promise<StagedSource> {
    return { executionId, export: ref, facts: await readFacts(staging, stagedNames(executionId, ref.format).facts) };
  }

  /** @returns undefined where something of the step is not here */
  async function stagedHere(run: string, attempt: number): Promise<readonly BatchNote[] | undefined> {
    // A damaged file may have made the attempt before this one fail.
    if (attempt > 1) return undefined;
    return whereThere(async () => {
      const notes = await openStepFiles(staging, run).readManifest();
      for (const { executionId, export: ref } of notes) await sourceOf(executionId, ref);
      return notes;
    });
  }

  async function exported(
    input: ExportResultsInput,
    { signal }: Attempt,
    options: AttemptOptions,
  ): Promise<StagedSource> {
    try {
      const { export: ref } = await exportOf(input, signal);
      return await sourceOf(input.executionId, ref);
    } catch (error) {
      const isMissing = error instanceof TaskServiceError && serviceFact(error, true).meaning === 'not ready';
      if (!isMissing || isWorthAnotherLook(error, failureContext(options))) throw error;
      const { executionId } = input;
      const message = `the rows of execution ${executionId} are not staged where a worker runs, and the service has them no more: ${error.message}; start a worker with the TITANFLOW_STAGING where they are, or run the pipeline anew`;
      throw ApplicationFailure.nonRetryable(message, 'StagingUnavailable', { executionId });
    }
  }

  return async function* sourcesOf(
    rows: readonly RowsSource[],
    pipeline: string,
    attempt: Attempt,
    options: AttemptOptions,
  ): AsyncGenerator<StagedSource> {
    for (const source of rows) {
      if (!('run' in source)) {
        yield await exported({ ...source, pipeline }, attempt, options);
        continue;
      }
      const notes = await stagedHere(source.run, attempt.number);
      for (const { executionId, export: ref } of notes ?? []) yield await sourceOf(executionId, ref);
      if (notes !== undefined) continue;
      for (const input of await exportsOf(source.run)) yield await exported(input, attempt, options);
    }
  };
}
