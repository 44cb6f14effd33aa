import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { BatchCounts } from '../domain/progress.js';
import { batchesSignal } from './messages.js';

/** So often at most a parent hears of a step's batches: each time costs events in its history. */
const NEWS = 100;

/** Tells the parent how far the batches are, not too often. */
export function createBatchNews(total: number, read: () => Omit<BatchCounts, 'total'>): (isDue: boolean) => void {
  const { parent } = workflowInfo();
  const every = Math.ceil(total / NEWS);
  let ended = 0;
  return (isDue) => {
    ended += 1;
    const news = read();
    if (!parent || (!isDue && ended % every !== 0)) return;
    getExternalWorkflowHandle(parent.workflowId, parent.runId)
      .signal(batchesSignal, news)
      .catch(() => undefined);
  };
}
