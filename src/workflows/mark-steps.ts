import type { StepResult } from '../domain/pipeline.js';
import type { StepProgress } from '../domain/progress.js';
import { isForEachResult, rowsIn } from '../domain/step-result.js';
import type { ProgressTracker } from './track-progress.js';

export interface StepMarks {
  running(name: string, workflowId: string): void;
  completed(name: string, result: StepResult, kept: boolean): void;
  failed(name: string, failure: NonNullable<StepProgress['failure']>, executionId: string | undefined): void;
  cancelled(name: string): void;
  skipped(name: string, why: string): void;
}

/** Keeps a pipeline's progress up to date about its steps. */
export function markSteps(progress: ProgressTracker, names: readonly string[]): StepMarks {
  const mark = (name: string, changes: StepProgress): void => {
    const before = progress.current().steps;
    const steps: Record<string, StepProgress> = { ...before, [name]: { ...before?.[name], ...changes } };
    progress.update({ steps, rows: Object.values(steps).reduce((sum, step) => sum + (step.rows ?? 0), 0) });
  };
  for (const name of names) mark(name, { state: 'pending' });

  return {
    running: (name, workflowId) => mark(name, { state: 'running', workflowId, startedAt: now() }),
    completed: (name, result, kept) =>
      mark(name, { state: 'completed', ...(kept ? { kept } : { endedAt: now() }), ...factsOf(result) }),
    failed: (name, failure, executionId) =>
      mark(name, { state: 'failed', endedAt: now(), ...(executionId === undefined ? {} : { executionId }), failure }),
    cancelled: (name) => mark(name, { state: 'cancelled', endedAt: now() }),
    skipped: (name, why) => mark(name, { state: 'skipped', why }),
  };
}

function factsOf(result: StepResult): Partial<StepProgress> {
  const rows = rowsIn(result);
  if (isForEachResult(result)) {
    const { batches, completed } = result;
    return { rows, batches: { total: batches, completed, failed: batches - completed, running: 0 } };
  }
  return 'status' in result ? { rows, status: result.status, executionId: result.executionId } : { rows };
}

function now(): string {
  return new Date().toISOString();
}
