import {
  ApplicationFailure,
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { SummedBatches } from '../activities/for-each/publish-batches.js';
import type { PlannedBatches } from '../activities/for-each/plan-batches.js';
import type { StepPlace } from '../domain/batch-ref.js';
import { batchesWorkflowId, chunksOf, type RunBatchesInput, type RunBatchesResult } from '../domain/batches.js';
import type { RunForEachInput } from '../domain/for-each.js';
import type { ForEachResult } from '../domain/pipeline.js';
import type { PublishReceipt } from '../domain/run.js';
import { tallyOf } from '../domain/tally.js';
import { millisecondsOr } from './durations.js';
import { endByContract } from './end-by-contract.js';
import { createHold } from './hold.js';
import { runOrJoinChild } from './join-child.js';
import { isStagingGone, requireResults, requireStaging, whereStagingLasts } from './lost-staging.js';
import { batchesSignal } from './messages.js';
import { readOutcomes, rehearseAll } from './pass-gate.js';
import { heldStep, passStepGate } from './pass-step-gate.js';
import { pauseChildren } from './pause-children.js';
import { createProxies, type Proxies } from './proxies.js';
import { runBatches } from './run-batches.js';
import { searchAttributes } from './search-attributes.js';
import { batchesFailed, countBatches } from './step-batches.js';
import { trackProgress, type ProgressTracker } from './track-progress.js';

const DEFAULT_PARALLEL = 10;
const FAILURES_TOLD = 3;

/**
 * A `forEach` step: one logical run. The batches stage their exports, then all of them are judged and published once.
 * Started again with the same `run` it goes on from what is staged and paid for.
 */
export async function runForEach(input: RunForEachInput): Promise<ForEachResult> {
  const progress = trackProgress({ phase: 'preparing', waitingFor: 'the stores to be checked' });
  const published: PublishReceipt[] = [];
  return endByContract(
    progress,
    () => ({ published }),
    async () => {
      const { run, options, forEach } = input;
      const proxies = createProxies(millisecondsOr(options.giveUpAfter));
      const hold = createHold(progress);
      const running = (): readonly string[] => {
        const { followId } = progress.current();
        return followId === undefined ? [] : [followId];
      };
      pauseChildren(progress, proxies, hold, running, () =>
        progress.current().phase === 'publishing' ? 'it is publishing' : undefined,
      );

      await proxies.prepare('check the step and its stores').prepareForEach(input);
      const spending: StepSpending = {
        missing: undefined,
        started: 0,
        repeated: 0,
        replaced: 0,
        kept: 0,
        completed: new Map(),
      };
      const { plan, place, sum } = await whereStagingLasts(progress, async (moves) => {
        published.length = 0;
        const plan = await planBatches(input, proxies, progress, moves);
        if (spending.missing === undefined) {
          spending.missing = missingOf(plan);
          spending.kept = plan.staged;
        }
        const place: StepPlace = { run, ...(plan.stagingId === undefined ? {} : { stagingId: plan.stagingId }) };
        await hold.released();
        const done = await runAll(input, place, plan, proxies, progress, spending, moves > 0);
        requireStaging(done);
        if (moves > 0) requireResults(done);
        if (done.failed > 0 && (options.accept !== 'partial' || done.obstacle)) throw batchesFailed(plan, done);

        progress.update({ phase: 'publishing', waitingFor: 'the batches to be judged' });
        const staging = (summary: string) => proxies.staging(summary, plan.stagingId);
        const sum = await staging('count what is staged').sumBatches(place, plan.batches);
        progress.update({ rows: sum.records - sum.rejected });
        const passedOver = plan.passedOver?.count ?? 0;
        await passStepGate(input, proxies, sum, passedOver);
        const rehearse = (summary: string) => proxies.rehearse(summary, plan.stagingId);
        await publishAll(input, { sum: { ...sum, passedOver }, staging, rehearse }, progress, published);
        return { plan, place, sum };
      });
      if (forEach.keepTasks === false) await removeTasks(proxies, place, plan.batches);

      upsertSearchAttributes([
        { key: searchAttributes.status, value: 'completed' },
        { key: searchAttributes.rows, value: sum.records - sum.rejected },
      ]);
      const { records, rejected, batches: completed } = sum;
      const { started: executions, replaced, kept } = spending;
      const result: ForEachResult = {
        run,
        batches: plan.batches,
        completed,
        executions,
        ...(kept === 0 ? {} : { kept }),
        ...(replaced === 0 ? {} : { repeated: replaced }),
        ...(plan.passedOver === undefined ? {} : { passedOver: plan.passedOver }),
        records,
        rejected,
        published,
      };
      progress.update({ tally: tallyOf(result) });
      return result;
    },
  );
}

/** Where an earlier run of the step, or the step that the rows are of, has staged its files, this one does too. */
async function planBatches(
  input: RunForEachInput,
  proxies: Proxies,
  progress: ProgressTracker,
  moves: number,
): Promise<PlannedBatches> {
  const { run, rows, maxExecutions } = input;
  // Its staged files are gone: any worker may begin anew.
  if (moves > 0) return proxies.staging('divide the rows into batches again', undefined).planBatches(input, true);
  progress.update({ waitingFor: 'the rows to be divided into batches' });
  const runs = [run, ...rows.flatMap((source) => ('run' in source ? [source.run] : []))];
  const before = await proxies.prepare('see where earlier batches are staged').findStaging(runs);
  const plan = await proxies.staging('divide the rows into batches', before ?? undefined).planBatches(input);
  const missing = missingOf(plan);
  progress.update({
    batches: { total: plan.batches, completed: plan.staged, failed: 0, running: 0 },
    passedOver: plan.passedOver,
  });
  if (maxExecutions === undefined || missing <= maxExecutions) return plan;
  throw ApplicationFailure.nonRetryable(
    `${missing} batches are to be run, and this run may start ${maxExecutions} executions more (maxExecutions); raise it, or lower \`forEach.max\``,
    'InvalidInput',
  );
}

/** Batches to be run, each of which may have to be paid for. */
function missingOf({ batches, staged }: PlannedBatches): number {
  return batches - staged;
}

/** Counts of what a step has started, wherever its files are. */
interface StepSpending {
  /** Batches that were to be run when it began. */
  missing: number | undefined;
  /** Executions that were started. */
  started: number;
  /** Executions among them that came after one which the service lost. */
  repeated: number;
  /** Executions that took the place of a lost one, whichever run of the step had paid for that. */
  replaced: number;
  /** Executions that an earlier run of the step had paid for. */
  kept: number;
  /** How many batches of a child were staged, by the first of them. */
  readonly completed: Map<number, number>;
}

/** One child after the other: each has a history of its own, and none of them grows too long. */
async function runAll(
  { run: logicalRun, forEach, options, pipeline, maxExecutions }: RunForEachInput,
  place: StepPlace,
  plan: PlannedBatches,
  proxies: Proxies,
  progress: ProgressTracker,
  spending: StepSpending,
  again: boolean,
): Promise<RunBatchesResult> {
  const { missing = 0, completed } = spending;
  const { publish: _step, expect: _whole, ...small } = options;
  let done: RunBatchesResult = { completed: 0, failed: 0, started: 0, repeated: 0, failures: [] };
  setHandler(batchesSignal, (news) => {
    progress.update({ batches: countBatches(plan.batches, done, news) });
  });
  for (const { first, last } of chunksOf(plan.batches)) {
    const workflowId = batchesWorkflowId(logicalRun, first);
    progress.update({ phase: 'running', followId: workflowId, waitingFor: `batches ${first} to ${last}` });
    const batches: RunBatchesInput = {
      place,
      first,
      last,
      total: plan.batches,
      parallel: forEach.parallel ?? DEFAULT_PARALLEL,
      ...(maxExecutions === undefined ? {} : { mayRepeat: maxExecutions - missing - spending.repeated }),
      options: small,
      ...(again ? { again: { completed: completed.get(first) ?? 0 } } : {}),
    };
    let isJoined = true;
    const run = (): Promise<RunBatchesResult> => {
      isJoined = false;
      return executeChild(runBatches, {
        workflowId,
        args: [batches],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: `batches ${first} to ${last} of ${plan.batches}`,
        typedSearchAttributes: [{ key: searchAttributes.pipeline, value: pipeline }],
        memo: memoOf(plan),
      });
    };
    // The trouble that stopped the others may be over, and batches that were staged before a move are not there.
    const isTaken = ({ obstacle }: RunBatchesResult): boolean => obstacle === undefined && !again;
    const result = await runOrJoinChild(proxies, workflowId, { run, isTaken });
    spending.started += result.started;
    spending.repeated += result.repeated;
    spending.replaced += result.replaced ?? 0;
    // What a joined child has staged was there when the batches were planned, and counts as started.
    spending.kept += (result.kept ?? 0) - (isJoined ? Math.min(result.completed, spending.kept) : 0);
    completed.set(first, Math.max(result.completed, completed.get(first) ?? 0));
    done = {
      ...result,
      completed: done.completed + result.completed,
      failed: done.failed + result.failed,
      started: done.started + result.started,
      repeated: done.repeated + result.repeated,
      failures: [...done.failures, ...result.failures].slice(0, FAILURES_TOLD),
    };
    progress.update({ batches: countBatches(plan.batches, done) });
    if (done.obstacle) break;
  }
  progress.update({ followId: undefined });
  return done;
}

/** Returns the memo for a run that goes on from this step, or makes its plan again. */
function memoOf({ stagingId, plan }: PlannedBatches): Record<string, string> {
  return { ...(stagingId === undefined ? {} : { stagingId }), ...(plan === undefined ? {} : { plan }) };
}

/** Deletes the tasks when all is published. If the step's files are gone by then, Temporal knows the tasks. */
async function removeTasks(proxies: Proxies, place: StepPlace, batches: number): Promise<void> {
  const summary = "delete the batches' tasks";
  try {
    await proxies.staging(summary, place.stagingId).removeTasks(place, batches);
  } catch (error) {
    if (!isStagingGone(error)) throw error;
    await proxies.staging(summary, undefined).removeTasks(place, batches);
  }
}

interface StagedStep {
  readonly sum: SummedBatches & { readonly passedOver: number };
  readonly staging: (summary: string) => ReturnType<Proxies['staging']>;
  readonly rehearse: (summary: string) => ReturnType<Proxies['rehearse']>;
}

async function publishAll(
  { run, options: { publish = [], records, expect } }: RunForEachInput,
  { sum, staging, rehearse }: StagedStep,
  progress: ProgressTracker,
  published: PublishReceipt[],
): Promise<void> {
  const begunAt = workflowInfo().startTime.toISOString();
  const options = { run, begunAt, ...(records === undefined ? {} : { records }), ...(expect ? { expect } : {}) };
  const problem = await rehearseAll(expect, publish, ({ mode, store, table, ...key }) => {
    progress.update({ waitingFor: `${store}, table ${table} to say what it would take` });
    const { publishBatches } = rehearse(`try to ${mode} to ${store}, table ${table}`);
    return publishBatches({ ...options, publication: { mode, store, table, ...key }, isRehearsal: true });
  });
  if (problem !== undefined) throw heldStep(sum, problem, true, []);
  const publishing = publish.map(async (publication) => {
    const target = `${publication.store}, table ${publication.table}`;
    progress.update({ waitingFor: `the rows to be in ${target}` });
    const { publishBatches } = staging(`${publication.mode} to ${target}`);
    published.push(await publishBatches({ ...options, publication }));
  });
  const { failures, problem: held } = readOutcomes(await Promise.allSettled(publishing));
  if (held !== undefined) throw heldStep(sum, held, true, published);
  if (failures.length > 0) throw failures[0];
}
