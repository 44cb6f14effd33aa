import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { batchesWorkflowId, valuesIn, type BatchValue } from '../../domain/batches.js';
import { parseExactly } from '../../domain/exact-number.js';
import type { RunForEachInput } from '../../domain/for-each.js';
import type { ForEach, PassedOver, RowsSource } from '../../domain/pipeline.js';
import { createUsableValues, sameness, type UsableValues } from '../../domain/usable-values.js';
import type { ActivityDependencies } from '../activities.js';
import { attempt, type AttemptOptions } from '../attempt.js';
import { readDuration } from '../../pipeline-file/duration.js';
import { createRenamer } from '../../rows/loose-names.js';
import { placeOf } from '../stage-export.js';
import { describe } from '../owners.js';
import { readValidRecords, type StagedSource } from '../staged-rows.js';
import { createSources } from './rows-sources.js';
import { openStepFiles, type BatchPlan } from './step-files.js';

export interface PlannedBatches {
  readonly batches: number;
  /** Those that an earlier run of the step has staged. */
  readonly staged: number;
  readonly stagingId?: string;
  /** Tells a plan from others: the step, and all values in their batches. */
  readonly plan?: string;
  /** Values that are no URLs. Absent: none. */
  readonly passedOver?: PassedOver;
}

const DEFAULT_BATCH = 50;

export function createPlanning(dependencies: ActivityDependencies) {
  const { staging, onMoved } = dependencies;
  const sourcesOf = createSources(dependencies);

  async function* valuesOf(
    sources: AsyncIterable<StagedSource>,
    { field, distinct = true, max = Infinity }: ForEach,
    usable: UsableValues,
  ): AsyncGenerator<BatchValue> {
    const path = field.split('.');
    const seen = new Set<string>();
    let count = 0;
    for await (const source of sources) {
      const { columns, hasLooseNames } = source.facts.profile;
      const renamed = hasLooseNames === true ? createRenamer(columns.map(({ name }) => name)) : undefined;
      for await (const records of readValidRecords(staging, source)) {
        for (const found of records.flatMap(({ text }) => valuesIn(parseExactly(renamed?.(text) ?? text), path))) {
          if (count === max) return;
          if (distinct && isKnown(seen, sameness(found))) continue;
          const value = usable.take(found);
          if (value === undefined) continue;
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
     *
     * @param again true where the step's files were gone from where they were
     */
    planBatches(
      { forEach, rows, run, task, pipeline, options }: RunForEachInput,
      again = false,
    ): Promise<PlannedBatches> {
      const resultsWithinMs = readDuration(options.resultsWithin ?? '');
      const patience: AttemptOptions = { paid: true, ...(resultsWithinMs === undefined ? {} : { resultsWithinMs }) };
      return attempt(patience, async (current) => {
        const { signal } = current;
        const files = openStepFiles(staging, run);
        const made = planOf(forEach, rows);
        const before = await files.readPlan();
        if (before && before.made !== made) throw otherPlan(run);
        await files.writeTask({ task, pipeline });
        if (again && current.number === 1) onMoved?.();
        if (before) {
          const notes = await files.readNotes(1, before.batches);
          const staged = notes.filter(Boolean).length;
          return { batches: before.batches, staged, ...placeOf(staging), ...nameOf(before), ...leftOut(before) };
        }
        let values = 0;
        const usable = createUsableValues(task);
        const hash = createHash('sha256');
        async function* batchesOf(): AsyncGenerator<readonly BatchValue[]> {
          let batch: BatchValue[] = [];
          for await (const value of valuesOf(sourcesOf(rows, pipeline, current, patience), forEach, usable)) {
            signal.throwIfAborted();
            values += 1;
            hash.update(`${JSON.stringify(value)}\n`);
            batch.push(value);
            if (batch.length < (forEach.batch ?? DEFAULT_BATCH)) continue;
            yield batch;
            batch = [];
          }
          if (batch.length > 0) yield batch;
        }
        const batches = await files.writeValues(batchesOf());
        const passedOver = usable.passedOver();
        const plan = { made, batches, values, sha256: hash.digest('hex'), ...leftOut({ passedOver }) };
        await requireSamePlan(run, nameOf(plan).plan);
        await files.writePlan(plan);
        return { batches, staged: 0, ...placeOf(staging), ...nameOf(plan), ...leftOut(plan) };
      });
    },
  };
}

function nameOf({ made, sha256 }: Pick<BatchPlan, 'made' | 'sha256'>): Pick<PlannedBatches, 'plan'> {
  return sha256 === undefined ? {} : { plan: `${made} ${sha256}` };
}

function leftOut({ passedOver }: { readonly passedOver?: PassedOver | undefined }): Pick<PlannedBatches, 'passedOver'> {
  return passedOver === undefined ? {} : { passedOver };
}

/**
 * A plan that is gone is made again of the same rows. If they are others now, its batches are not those that were paid for.
 */
async function requireSamePlan(run: string, plan: string | undefined): Promise<void> {
  const known = (await describe(batchesWorkflowId(run, 1)))?.memo?.['plan'];
  if (known === undefined || known === plan) return;
  const message = `the files of ${run} are gone, and its rows are others now than when it was begun, so its batches cannot be told any more; start a new run of the pipeline`;
  throw ApplicationFailure.nonRetryable(message, 'StagingUnavailable');
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

function otherPlan(run: string): ApplicationFailure {
  const message = `run ${run} was begun with another \`forEach\`, or with other rows; start a new run of the pipeline`;
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
