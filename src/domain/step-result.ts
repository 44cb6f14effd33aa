import type { ForEachResult, RunPipelineResult, StepResult } from './pipeline.js';
import { validRows, type PublishReceipt } from './run.js';

export function isPipelineResult(result: StepResult): result is RunPipelineResult {
  return 'steps' in result;
}

export function isForEachResult(result: StepResult): result is ForEachResult {
  return 'batches' in result;
}

/** All receipts of a step, those of the steps within it too. */
export function publishedBy(result: StepResult): readonly PublishReceipt[] {
  return isPipelineResult(result) ? Object.values(result.steps).flatMap(publishedBy) : result.published;
}

/** Valid rows of a step, with those of the steps within it. */
export function rowsIn(result: StepResult): number {
  if (isPipelineResult(result)) return Object.values(result.steps).reduce((sum, step) => sum + rowsIn(step), 0);
  return isForEachResult(result) ? result.records - result.rejected : validRows(result);
}

/** Executions that a step has started, at most. */
export function executionsIn(result: StepResult): number {
  if (isPipelineResult(result)) return Object.values(result.steps).reduce((sum, step) => sum + executionsIn(step), 0);
  return isForEachResult(result) ? result.executions : 1;
}
