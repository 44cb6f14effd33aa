import { isLive } from '../../../src/domain/status.js';
import type { EndedRun } from '../runs/end-of-run.js';
import type { Paid } from './owners.js';

export interface Money {
  /** Executions that were paid for beyond the one that each run, step and batch may have. */
  readonly duplicates: readonly string[];
  /** Runs that did not end as they should, or say that they are done without having paid. */
  readonly lost: readonly string[];
  /** Executions that are live, and followed by nobody who is. */
  readonly alone: readonly string[];
}

/** @param inDoubt the task of each run, step or batch that does not know what became of its request */
export function checkMoney(runs: readonly EndedRun[], paid: readonly Paid[], inDoubt: readonly string[]): Money {
  const byUnit = groupByUnit(paid);
  const duplicates = [...byUnit].flatMap(([unit, [first, ...others]]) => [
    ...others.map(({ execution }) => `${execution.id}: paid for ${unit}, which has ${first?.execution.id}`),
    ...secondAttempt(unit, byUnit),
  ]);
  const twice = paid.filter(({ followers }) => followers > 1);
  return {
    duplicates: [
      ...duplicates,
      ...ownerless(runs, paid, byUnit, inDoubt),
      ...twice.map(({ execution }) => `${execution.id}: followed under two spellings of its id`),
    ],
    lost: runs.flatMap((run) => lost(run, byUnit)),
    alone: paid
      .filter(({ execution, isFollowed }) => isLive(execution.status) && !isFollowed)
      .map(({ execution }) => `${execution.id}: ${execution.status}`),
  };
}

const ENDS_WITHOUT_A_LOOK: ReadonlySet<EndedRun['end']> = new Set(['terminated', 'timed out', 'hung']);

type ByUnit = ReadonlyMap<string, readonly Paid[]>;

function groupByUnit(paid: readonly Paid[]): ByUnit {
  const groups = new Map<string, Paid[]>();
  for (const one of paid) if (one.unit !== undefined) groups.set(one.unit, [...(groups.get(one.unit) ?? []), one]);
  return groups;
}

/** A batch is sent once more where the service has lost it. Here it loses none: what was cancelled, we have stopped. */
function secondAttempt(unit: string, byUnit: ByUnit): string[] {
  const [, first] = /^(.+\/each\/\d+)\/\d+$/.exec(unit) ?? [];
  const before = first === undefined ? undefined : byUnit.get(first)?.[0];
  if (!before || before.execution.status === 'failed') return [];
  return [`${unit}: a second attempt, although ${before.execution.id} is ${before.execution.status}`];
}

/**
 * Where a run was terminated, by a person, the audit or its own timeout, one execution of each of its tasks may have nobody,
 * and so may one of the task of each that is left in doubt: that is as it should be. It never covers more than that.
 */
function ownerless(
  runs: readonly EndedRun[],
  paid: readonly Paid[],
  byUnit: ByUnit,
  inDoubt: readonly string[],
): string[] {
  const terminated = runs.filter(({ end }) => ENDS_WITHOUT_A_LOOK.has(end)).map(({ wanted }) => wanted);
  // A terminated pipeline's steps are cancelled, and see to their own requests.
  const unseen = terminated.filter(({ pays }) => pays === 1).flatMap((wanted) => notOwned(wanted, byUnit));
  const unknown = inDoubt.map((taskId) => plainName(paid.find(({ execution }) => execution.taskId === taskId)));
  const may = new Map<string, number>();
  for (const name of [...unseen, ...unknown]) may.set(name, (may.get(name) ?? 0) + 1);
  return paid.flatMap((one) => {
    if (one.unit !== undefined) return [];
    const name = plainName(one);
    const left = may.get(name) ?? 0;
    may.set(name, left - 1);
    return left > 0 ? [] : [`${one.execution.id}: paid for "${name}", and no run has it (${told(one)})`];
  });
}

/** Names of the tasks of a run that nothing was seen to be paid for. */
function notOwned({ workflowId, taskNames }: EndedRun['wanted'], byUnit: ByUnit): string[] {
  const missing = [...taskNames];
  for (const unit of unitsOf(workflowId, byUnit)) {
    const name = plainName(byUnit.get(unit)?.[0]);
    if (missing.includes(name)) missing.splice(missing.indexOf(name), 1);
  }
  return missing;
}

function told({ execution: { status, createdAt, taskId }, followers }: Paid): string {
  return `${status}, created ${createdAt}, task ${taskId}, ${followers === 0 ? 'followed by nobody' : 'swept'}`;
}

function lost({ wanted, end, reason = end }: EndedRun, byUnit: ByUnit): string[] {
  const { workflowId, kind, pays } = wanted;
  if (end === 'failed' || end === 'hung') return [`${workflowId} (${kind}): ${reason}`];
  const good = unitsOf(workflowId, byUnit).filter((unit) => byUnit.get(unit)?.some(isGood));
  if (end !== 'completed' || good.length === pays) return [];
  return [`${workflowId} (${kind}): completed with ${good.length} executions of its own, not ${pays}`];
}

function isGood({ execution }: Paid): boolean {
  return execution.status === 'completed';
}

/** Workflows of a run that have paid for something. */
function unitsOf(workflowId: string, byUnit: ByUnit): string[] {
  return [...byUnit.keys()].filter((unit) => unit === workflowId || unit.startsWith(`${workflowId}/`));
}

/** Returns the name that the user has given the task. */
function plainName(paid: Paid | undefined): string {
  return paid?.execution.taskName.replace(/ \[tf .*$/, '') ?? '';
}
