import type { FailureDetails, FailureType } from '../domain/failures.js';
import type { StepResult } from '../domain/pipeline.js';
import type { StepProgress } from '../domain/progress.js';
import type { StepEnding } from '../domain/step-ending.js';
import { isForEachResult, rowsIn } from '../domain/step-result.js';
import { tallyOf } from '../domain/tally.js';
import type { ProgressTracker } from './track-progress.js';

export interface StepFailure {
  readonly name: string;
  readonly type: FailureType;
  readonly message: string;
  /** `step`: within another pipeline as `<name>/<its step>`. */
  readonly details: FailureDetails & { readonly step: string };
}

/** What became of the steps of a pipeline, for the steps after them and for whoever asks for its progress. */
export interface StepBook {
  endingOf(name: string): StepEnding;
  resultOf(name: string): StepResult | undefined;
  running(name: string, workflowId: string): void;
  /** @param kept whether an earlier run of the pipeline had done it */
  completed(name: string, result: StepResult, kept: boolean): void;
  failed(failure: StepFailure, goesOn: boolean): void;
  cancelled(name: string): void;
  notStarted(name: string, state: 'skipped' | 'unreached', why: string): void;
}

export function openStepBook(progress: ProgressTracker, names: readonly string[]): StepBook {
  const endings = new Map<string, StepEnding>();
  // One record for all: as many steps as a pipeline may have can start or end in one go.
  const steps: Record<string, StepProgress> = {};
  let rows = 0;
  const mark = (name: string, changes: StepProgress): void => {
    const before = steps[name];
    steps[name] = { ...before, ...changes };
    rows += (steps[name].rows ?? 0) - (before?.rows ?? 0);
    progress.update({ steps, rows });
  };
  for (const name of names) steps[name] = { state: 'pending' };
  progress.update({ steps, rows });

  return {
    endingOf: (name) => endings.get(name) ?? { state: 'unreached' },
    resultOf(name) {
      const ending = endings.get(name);
      return ending?.state === 'completed' ? ending.result : undefined;
    },
    running: (name, workflowId) => mark(name, { state: 'running', workflowId, startedAt: now() }),
    completed(name, result, kept) {
      endings.set(name, { state: 'completed', result });
      mark(name, { state: 'completed', ...(kept ? { kept } : { endedAt: now() }), ...factsOf(result) });
    },
    failed({ name, type, message, details: { executionId } }, goesOn) {
      endings.set(name, { state: 'failed', type, goesOn });
      const execution = executionId === undefined ? {} : { executionId };
      mark(name, { state: 'failed', endedAt: now(), ...execution, failure: { type, message } });
    },
    cancelled(name) {
      endings.set(name, { state: 'cancelled' });
      mark(name, { state: 'cancelled', endedAt: now() });
    },
    notStarted(name, state, why) {
      endings.set(name, { state });
      mark(name, { state: 'skipped', why });
    },
  };
}

function factsOf(result: StepResult): Partial<StepProgress> {
  const known = { rows: rowsIn(result), tally: tallyOf(result) };
  if (isForEachResult(result)) {
    const { batches, completed } = result;
    return { ...known, batches: { total: batches, completed, failed: batches - completed, running: 0 } };
  }
  return 'status' in result ? { ...known, status: result.status, executionId: result.executionId } : known;
}

function now(): string {
  return new Date().toISOString();
}
