import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { valuesIn, type BatchValue } from '../../domain/batches.js';
import type { RunForEachInput } from '../../domain/for-each.js';
import type { Json } from '../../domain/json.js';
import type { ForEach, RowsSource } from '../../domain/pipeline.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt } from '../attempt.js';
import { createExports, placeOf } from '../export-results.js';
import { readValidRecords, type StagedSource } from '../staged-rows.js';
import { readFacts, stagedNames } from '../staged-run.js';
import { openStepFiles } from './step-files.js';

export interface PlannedBatches {
  readonly batches: number;
  /** Those that an earlier run of the step has staged. */
  readonly staged: number;
  readonly stagingId?: string;
}

const DEFAULT_BATCH = 50;

export function createPlanning(dependencies: ActivityDependencies) {
  const { staging } = dependencies;
  const exportOf = createExports(dependencies);

  async function* sourcesOf(
    rows: readonly RowsSource[],
    pipeline: string,
    signal: AbortSignal,
  ): AsyncGenerator<StagedSource> {
    for (const source of rows) {
      if ('run' in source) {
        const batches = await openStepFiles(staging, source.run).readManifest();
        for (const { executionId, export: ref } of batches) yield sourceOf(executionId, ref);
      } else {
        const { export: ref } = await exportOf({ ...source, pipeline }, signal);
        yield sourceOf(source.executionId, ref);
      }
    }
  }

  async function sourceOf(executionId: string, ref: StagedSource['export']): Promise<StagedSource> {
    return { executionId, export: ref, facts: await readFacts(staging, stagedNames(executionId, ref.format).facts) };
  }

  async function* valuesOf(
    sources: AsyncIterable<StagedSource>,
    { field, distinct = true, max = Infinity }: ForEach,
  ): AsyncGenerator<BatchValue> {
    const path = field.split('.');
    const seen = new Set<string>();
    let count = 0;
    for await (const source of sources) {
      for await (const records of readValidRecords(staging, source)) {
        for (const value of records.flatMap(({ text }) => valuesIn(parsed(text), path))) {
          if (count === max) return;
          if (distinct && isKnown(seen, value)) continue;
          count += 1;
          yield value;
        }
      }
    }
  }

  return {
    /**
     * Stages the values that a step is fed with, batch by batch, and what is to be done with them. What was planned for
     * the same run before is kept, so that a batch stays what it was.
     */
    planBatches({ forEach, rows, run, task, pipeline }: RunForEachInput): Promise<PlannedBatches> {
      return attempt({ paid: true }, async ({ signal }) => {
        const files = openStepFiles(staging, run);
        const made = planOf(forEach, rows);
        const before = await files.readPlan();
        if (before && before.made !== made) throw otherPlan(run);
        await files.writeTask({ task, pipeline });
        if (before) {
          const notes = await files.readNotes(1, before.batches);
          return { batches: before.batches, staged: notes.filter(Boolean).length, ...placeOf(staging) };
        }
        let values = 0;
        async function* batchesOf(): AsyncGenerator<readonly BatchValue[]> {
          let batch: BatchValue[] = [];
          for await (const value of valuesOf(sourcesOf(rows, pipeline, signal), forEach)) {
            signal.throwIfAborted();
            values += 1;
            batch.push(value);
            if (batch.length < (forEach.batch ?? DEFAULT_BATCH)) continue;
            yield batch;
            batch = [];
          }
          if (batch.length > 0) yield batch;
        }
        const batches = await files.writeValues(batchesOf());
        await files.writePlan({ made, batches, values });
        return { batches, staged: 0, ...placeOf(staging) };
      });
    },
  };
}

/** All that decides which values are in which batch. */
function planOf({ field, batch, distinct, max }: ForEach, rows: readonly RowsSource[]): string {
  return createHash('sha256')
    .update(JSON.stringify([field, batch, distinct, max, rows]))
    .digest('hex');
}

/** Hashes: there may be hundreds of thousands of long values. */
function isKnown(seen: Set<string>, value: BatchValue): boolean {
  const before = seen.size;
  seen.add(createHash('sha1').update(JSON.stringify(value)).digest('base64'));
  return seen.size === before;
}

function parsed(text: string): Json {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the text of a valid record
  return JSON.parse(text) as Json;
}

function otherPlan(run: string): ApplicationFailure {
  const message = `run ${run} was begun with another \`forEach\`, or with other rows; start a new run of the pipeline`;
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
