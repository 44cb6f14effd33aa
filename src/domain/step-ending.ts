import type { FailureType } from './failures.js';
import { stepsBefore, type StepResult, type StepSpec, type When } from './pipeline.js';
import { serviceWord } from './service-word.js';
import { rowsIn } from './step-result.js';

/** How a step of a pipeline ended. */
export type StepEnding =
  | { readonly state: 'completed'; readonly result: StepResult }
  /** `goesOn`: its `onFailure` is `continue`. */
  | { readonly state: 'failed'; readonly type: FailureType; readonly goesOn: boolean }
  | { readonly state: 'cancelled' }
  /** Its `when` was not met, or it came after such a step. */
  | { readonly state: 'skipped' }
  /** It was not started because another step failed, or the pipeline was cancelled. */
  | { readonly state: 'unreached' };

export type Start =
  | { readonly starts: true }
  | { readonly starts: false; readonly state: 'skipped' | 'unreached'; readonly why: string };

/**
 * Whether a step starts, now that all before it are over. About the step that its `when` names only `when` decides;
 * the others must not have failed. It is skipped where all of them were, or the one whose rows it takes was.
 */
export function decideStart(step: StepSpec, endingOf: (name: string) => StepEnding): Start {
  const others = stepsBefore(step).filter((name) => name !== step.when?.step);
  const failed = others.find((name) => !isGood(endingOf(name)) && endingOf(name).state !== 'skipped');
  if (failed !== undefined) return not('unreached', `step "${failed}" ${inWords(endingOf(failed))}`);

  const skipped = others.filter((name) => endingOf(name).state === 'skipped');
  const rowsOf = skipped.find((name) => name === step.forEach?.rowsOf);
  const first = rowsOf ?? (skipped.length === others.length ? skipped[0] : undefined);
  if (first !== undefined) return not('skipped', `step "${first}" was skipped`);

  const unmet = step.when && unmetCondition(step.when, endingOf(step.when.step));
  return unmet === undefined ? { starts: true } : not('skipped', unmet);
}

/** The word that `when.status` is compared with: the service's own for an execution. */
export function statusOf(ending: StepEnding): string {
  switch (ending.state) {
    case 'completed':
      return 'status' in ending.result ? ending.result.status : 'completed';
    case 'failed':
      return ending.type === 'ExecutionCancelled' ? 'cancelled' : 'failed';
    case 'cancelled':
      return 'cancelled';
    case 'skipped':
    case 'unreached':
      return 'skipped';
  }
}

/** @returns what is not as `when` wants it, in words */
function unmetCondition({ step, status, rows = {} }: When, ending: StepEnding): string | undefined {
  const wanted = typeof status === 'string' ? [status] : status;
  const isMet =
    wanted === undefined ? isGood(ending) : wanted.some((word) => serviceWord(word) === serviceWord(statusOf(ending)));
  if (!isMet) return `step "${step}" ${inWords(ending)}`;
  const count = ending.state === 'completed' ? rowsIn(ending.result) : 0;
  const isWithin = count >= (rows.min ?? 0) && count <= (rows.max ?? Infinity);
  return isWithin ? undefined : `step "${step}" had ${count} rows`;
}

/** A failure that is passed over counts as a good end without rows. */
function isGood(ending: StepEnding): boolean {
  return ending.state === 'completed' || (ending.state === 'failed' && ending.goesOn);
}

function inWords(ending: StepEnding): string {
  switch (ending.state) {
    case 'completed':
      return `ended as ${statusOf(ending)}`;
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'was cancelled';
    case 'skipped':
      return 'was skipped';
    case 'unreached':
      return 'was not started';
  }
}

function not(state: 'skipped' | 'unreached', why: string): Start {
  return { starts: false, state, why };
}
