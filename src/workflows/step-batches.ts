import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { PlannedBatches } from '../activities/for-each/plan-batches.js';
import type { RunBatchesResult } from '../domain/batches.js';
import type { BatchCounts } from '../domain/progress.js';
import { sentenceAndList } from '../domain/sentence-and-list.js';
import { shellCommand } from '../domain/shell-command.js';

/** @param news of the child that is at work */
export function countBatches(
  total: number,
  done: RunBatchesResult,
  news: Omit<BatchCounts, 'total'> = { completed: 0, failed: 0, running: 0 },
): BatchCounts {
  return {
    total,
    completed: done.completed + news.completed,
    failed: done.failed + news.failed,
    running: news.running,
  };
}

/** Says how many failed and why; what the others found is neither lost nor paid for again. */
export function batchesFailed({ batches }: PlannedBatches, done: RunBatchesResult): ApplicationFailure {
  const { failed, failures, obstacle } = done;
  const reasons = (obstacle ? [obstacle] : failures).map(({ batch, message }) => `batch ${batch}: ${message}`);
  const type = obstacle?.type ?? failures[0]?.type ?? 'StepFailed';
  const stopped = obstacle ? ', and no more were started' : '';
  const cure = `pay for what is missing only: ${shellCommand('retry', workflowInfo().workflowId)}`;
  const sentence = `${failed} of ${batches} batches failed${stopped}; nothing was published, what the others found stays staged; ${cure}`;
  return ApplicationFailure.nonRetryable(sentenceAndList(sentence, reasons, failed - reasons.length), type);
}
