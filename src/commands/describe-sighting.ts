import type { RequestBudget } from '../activities/await-execution.js';
import type { Sighting } from '../client/read-progress.js';
import { isWarning, passedOverWords, rowsOf, warnings } from '../domain/ending-words.js';
import type { BatchCounts, StepProgress } from '../domain/progress.js';
import { sentenceOf } from '../domain/sentence-and-list.js';
import { secondsBetween } from './show-outcome.js';

/** One line about each step of a pipeline, or about the run where there are no steps. */
export interface StepLine {
  readonly name: string;
  readonly state: StepProgress['state'];
  /** Whether a step that ended well should be looked at. */
  readonly isWarning?: boolean;
  readonly text: string;
  /** Of a `forEach` step that runs. */
  readonly batches?: BatchCounts;
  /** When the service is asked again. */
  readonly nextLookAt?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

export function describeSighting(sighting: Sighting): StepLine[] {
  const steps = Object.entries(sighting.steps ?? {});
  if (steps.length === 0) return [{ name: 'run', state: 'running', ...describeRun(sighting) }];
  return steps.map(([name, step]) => ({
    name,
    state: step.state,
    ...describeStep(step, sighting.below[name]),
    ...(step.startedAt === undefined ? {} : { startedAt: step.startedAt }),
    ...(step.endedAt === undefined ? {} : { endedAt: step.endedAt }),
  }));
}

export function describeBudget({ limit, remaining }: RequestBudget): string {
  return remaining === undefined
    ? `requests: ${limit} a minute`
    : `requests: ${remaining} of ${limit} left this minute`;
}

type Description = Pick<StepLine, 'text' | 'batches' | 'nextLookAt' | 'isWarning'>;

function describeStep(step: StepProgress, run: Sighting | undefined): Description {
  switch (step.state) {
    case 'pending':
      return { text: 'waits for the steps before it' };
    case 'running':
      return describeRunning(run);
    case 'completed':
      return { text: describeCompleted(step), ...(step.tally && isWarning(step.tally) ? { isWarning: true } : {}) };
    case 'failed':
      return { text: step.failure ? `${step.failure.type}: ${sentenceOf(step.failure.message)}` : 'failed' };
    case 'cancelled':
      return { text: 'cancelled' };
    case 'skipped':
      return { text: step.why ?? 'not started, because a step before it failed' };
  }
}

function describeCompleted({ kept, status, rows = 0, tally, batches, startedAt, endedAt }: StepProgress): string {
  const seconds = secondsBetween(startedAt, endedAt);
  const words = [
    kept === true ? 'kept from an earlier run' : (status ?? 'completed'),
    ...(batches ? [batchesText(batches)] : []),
    tally ? rowsOf(tally) : `${rows} rows`,
    ...(seconds === '' ? [] : [`${seconds} s`]),
  ].join(', ');
  return [words, ...(tally ? warnings(tally) : [])].join('; ');
}

/** Its workflow may have ended a moment before its pipeline hears of it. */
function describeRunning(run: Sighting | undefined): Description {
  if (run === undefined) return { text: 'starting' };
  return run.phase === 'completed' ? { text: 'finishing' } : describeRun(run);
}

/** Goes down to the workflow that really does something. */
function describeRun(run: Sighting): Description {
  const follower = run.below['execution'];
  if (follower) return run.phase === 'waiting' ? describeRunning(follower) : describeRun(follower);
  const kept = run.pending.find(({ waitingFor }) => waitingFor !== undefined);
  if (kept) return { text: `${run.phase}: waiting for ${kept.waitingFor}`, ...batchesOf(run) };
  const trouble = run.pending.find(({ lastFailure, attempt, mark }) => lastFailure && (attempt > 1 || mark?.outage));
  if (trouble) {
    const attempt = trouble.mark?.outage?.looks ?? trouble.attempt;
    return { text: `${run.phase}: attempt ${attempt}: ${trouble.lastFailure}`, ...batchesOf(run) };
  }
  if (run.pausedSince !== undefined) return { text: `paused since ${run.pausedSince}`, ...batchesOf(run) };
  if (run.batches) return { text: describeBatches(run, run.batches), batches: run.batches };
  if (run.steps) return { text: describeInner(run, run.steps) };
  const seen = run.pending.find((work) => work.mark?.status !== undefined)?.mark;
  const detail = run.phase === 'waiting' && seen ? `execution ${run.executionId} is ${seen.status}` : run.waitingFor;
  return {
    text: detail === undefined ? run.phase : `${run.phase}: ${detail}`,
    ...(seen?.nextLookAt === undefined ? {} : { nextLookAt: seen.nextLookAt }),
  };
}

function batchesOf({ batches }: Sighting): Pick<StepLine, 'batches'> {
  return batches ? { batches } : {};
}

function describeBatches({ phase, rows, passedOver }: Sighting, batches: BatchCounts): string {
  const left = passedOver === undefined ? '' : `; ${passedOverWords(passedOver)}`;
  const counted = `${rows === undefined ? '' : `, ${rows} rows`}${left}`;
  return `${phase === 'running' || phase === 'waiting' ? '' : `${phase}: `}${batchesText(batches)}${counted}`;
}

function batchesText({ total, completed, failed, running }: BatchCounts): string {
  const more = [...(running > 0 ? [`${running} running`] : []), ...(failed > 0 ? [`${failed} failed`] : [])];
  return `${completed}/${total} batches${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
}

/** A pipeline within a pipeline: what it does is one line. */
function describeInner(run: Sighting, steps: Readonly<Record<string, StepProgress>>): string {
  const all = Object.entries(steps);
  const done = all.filter(([, { state }]) => state !== 'pending' && state !== 'running').length;
  const [current] = all.flatMap(([name, { state }]) =>
    state === 'running' ? [`; ${name}: ${describeRunning(run.below[name]).text}`] : [],
  );
  return `${done}/${all.length} steps${current ?? ''}`;
}
