import { proxyActivities } from '@temporalio/workflow';
import type { RetryActivities } from './retry.js';

/** A run whose activities are each retried until they succeed: also the one that asks whether the execution has ended. */
export async function runByRetry(kind: number, everyMs: number): Promise<void> {
  const { run, poll, download } = proxyActivities<RetryActivities>({
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: everyMs, backoffCoefficient: 1 },
  });
  const executionId = await run(kind);
  await poll(executionId);
  await download(executionId);
}
