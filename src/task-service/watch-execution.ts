import { setTimeout as sleep } from 'node:timers/promises';
import { isLive } from '../domain/status.js';
import type { TaskService } from './task-service.js';
import { createdAt, type Execution } from './wire.js';

export interface Watch {
  readonly executionId: string;
  readonly signal: AbortSignal;
  /** What else ends the watch, beside the execution's own end. */
  readonly until: (execution: Execution) => boolean;
  /** Told after every look at the service. */
  readonly onLook: (execution: Execution, nextLookInMs: number) => void;
}

const SHORTEST_GAP_MS = 1_500;
const LONGEST_GAP_MS = 30_000;

/** The gap grows with age, so that a short run is noticed at once and a long crawl is not asked thousands of times. */
function gapAfter(ageMs: number): number {
  return Math.min(Math.max(ageMs * 0.1, SHORTEST_GAP_MS), LONGEST_GAP_MS);
}

/**
 * Asks until the execution has ended, or stands as the caller waits for.
 *
 * @throws TaskServiceError from the first look that fails; the signal's reason when that is aborted.
 */
export async function watchExecution(service: TaskService, watch: Watch): Promise<Execution> {
  const startedAt = Date.now();
  for (;;) {
    const execution = await service.executions.get(watch.executionId, watch.signal);
    if (!isLive(execution.status) || watch.until(execution)) return execution;
    const born = Date.parse(createdAt(execution) ?? '');
    const gap = gapAfter(Math.max(Date.now() - (Number.isNaN(born) ? startedAt : born), 0));
    watch.onLook(execution, gap);
    await sleep(gap, undefined, { signal: watch.signal });
  }
}
