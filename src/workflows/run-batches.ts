import {
  CancellationScope,
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import type { MissingBatch } from '../activities/for-each/ready-batches.js';
import {
  batchWorkflowId,
  isLost,
  type BatchFailure,
  type RunBatchesInput,
  type RunBatchesResult,
  type StagedBefore,
} from '../domain/batches.js';
import { cutForeign } from '../domain/foreign-text.js';
import { millisecondsOr } from './durations.js';
import { endByContract } from './end-by-contract.js';
import { createRepeats, type Repeats } from '../domain/repeats.js';
import { createBatchNews } from './batch-news.js';
import { createHold } from './hold.js';
import { isCancelled } from './is-cancelled.js';
import { joinChild } from './join-child.js';
import { pauseChildren } from './pause-children.js';
import { createProxies } from './proxies.js';
import { runBatch } from './run-batch.js';
import { searchAttributes } from './search-attributes.js';
import { readFailure } from './top-level-failure.js';
import { trackProgress } from './track-progress.js';

/** A batch that the service has lost is sent once more. */
const ATTEMPTS = 2;
const FAILURES_TOLD = 3;

/** Runs some of the batches of a step, those that are not staged yet, `parallel` at once. */
export async function runBatches(input: RunBatchesInput): Promise<RunBatchesResult> {
  const { place, first, last, options } = input;
  const progress = trackProgress({ phase: 'running', waitingFor: `batches ${first} to ${last}` });
  return endByContract(
    progress,
    () => ({}),
    async () => {
      const proxies = createProxies(millisecondsOr(options.giveUpAfter));
      const hold = createHold(progress);
      const running = new Set<string>();
      const repeats = createRepeats(input.mayRepeat);
      let [started, replaced, kept] = [0, 0, 0];
      pauseChildren(progress, proxies, hold, () => [...running]);

      const findMissing = (from: number, to: number, ...again: [] | [StagedBefore]): Promise<MissingBatch[]> =>
        proxies.staging('see which batches are missing', place.stagingId).findMissing(place, from, to, ...again);
      const missing = await findMissing(first, last, ...(input.again ? ([input.again] as const) : ([] as const)));
      const failures: BatchFailure[] = [];
      let [completed, obstacle]: [number, BatchFailure | undefined] = [last - first + 1 - missing.length, undefined];
      const tell = createBatchNews(input.total, () => {
        const batches = { completed, failed: failures.length, running: running.size };
        progress.update({ batches: { ...batches, total: last - first + 1 } });
        return batches;
      });
      tell(true);

      async function runOne(found: MissingBatch): Promise<void> {
        try {
          const batch = await joined(found);
          // After a move, those are found too that this run had started.
          if (input.again === undefined && (batch === undefined || batch.executionId !== undefined)) {
            const { attempt = 1 } = batch ?? found;
            kept += attempt;
            replaced += attempt - 1;
          }
          if (batch === undefined) {
            completed += 1;
            return;
          }
          await runThroughAttempts(input, batch, {
            running,
            repeats,
            countStarted: (change) => (started += change),
            countReplaced: () => (replaced += 1),
            released: hold.released,
          });
          completed += 1;
        } catch (error) {
          if (isCancelled(error) && CancellationScope.current().consideredCancelled) throw error;
          const { type, message } = readFailure(error);
          const failure = { batch: found.batch, type, message: cutForeign(message) };
          failures.push(failure);
          if (!isLost(type)) obstacle ??= failure;
        }
        tell(false);
      }

      /** Waits for one that an earlier run of the step has under way. @returns what is missing then */
      async function joined(found: MissingBatch): Promise<MissingBatch | undefined> {
        if (found.underWay === undefined) return found;
        running.add(found.underWay);
        await joinChild(proxies, { workflowId: found.underWay }).finally(() => running.delete(found.underWay ?? ''));
        const [left] = await findMissing(found.batch, found.batch);
        return left && joined(left);
      }

      const waiting = missing.values();
      async function work(): Promise<void> {
        for (const batch of waiting) {
          await hold.released();
          if (obstacle) return;
          await runOne(batch);
        }
      }
      // A parent that closes before its children are over no longer tells them why they were cancelled.
      const workers = Array.from({ length: Math.min(input.parallel, missing.length) }, work);
      await Promise.allSettled(workers);
      await Promise.all(workers);
      tell(true);
      return {
        completed,
        failed: failures.length,
        repeated: repeats.count(),
        started,
        ...(replaced === 0 ? {} : { replaced }),
        ...(kept === 0 ? {} : { kept }),
        failures: failures.slice(0, FAILURES_TOLD),
        ...(obstacle ? { obstacle } : {}),
      };
    },
  );
}

/** What was paid for by an earlier run of the step is only followed; if it turns out to be lost, a new one is started. */
async function runThroughAttempts(
  { place, options, again }: RunBatchesInput,
  { batch, executionId, attempt: known = 1 }: MissingBatch,
  { running, repeats, countStarted, countReplaced, released }: Shared,
): Promise<void> {
  const pipeline = workflowInfo().typedSearchAttributes.get(searchAttributes.pipeline);
  // An attempt that was made before the files were gone is not made once more.
  const first = again === undefined || executionId === undefined ? 1 : known;
  for (let attempt = first; ; attempt++) {
    const workflowId = batchWorkflowId(place.run, batch, attempt);
    const isKnown = attempt === first && executionId !== undefined;
    running.add(workflowId);
    if (!isKnown) countStarted(1);
    try {
      await executeChild(runBatch, {
        workflowId,
        args: [{ ref: { ...place, batch }, options, ...(isKnown ? { executionId } : {}) }],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        ...(pipeline === undefined
          ? {}
          : { typedSearchAttributes: [{ key: searchAttributes.pipeline, value: pipeline }] }),
      });
      return;
    } catch (error) {
      const mayBeBetter = attempt < ATTEMPTS && !CancellationScope.current().consideredCancelled;
      const isFree = isKnown && again === undefined;
      const { type, details } = readFailure(error);
      // Its files were gone before anything was sent.
      if (!isKnown && type === 'StagingUnavailable' && details.executionId === undefined) countStarted(-1);
      if (!mayBeBetter || !isLost(type) || (!isFree && !repeats.take())) throw error;
    } finally {
      running.delete(workflowId);
    }
    await released();
    countReplaced();
  }
}

/** What the batches of a child have in common. */
interface Shared {
  /** Ids of the batches that are under way. */
  readonly running: Set<string>;
  readonly repeats: Repeats;
  /** Called with 1 for every execution that is about to be started, and with -1 where it was not started after all. */
  readonly countStarted: (change: 1 | -1) => void;
  /** Called when an execution is about to be started in place of one that the service has lost. */
  readonly countReplaced: () => void;
  readonly released: () => Promise<void>;
}
