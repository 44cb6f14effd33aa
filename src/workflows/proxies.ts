import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { DataActivities, MainActivities, StagingActivities, WaitActivities } from '../activities/activities.js';
import { stagingTaskQueue, taskQueues } from '../domain/ids.js';

/** A staging directory that no worker serves for so long is given up: what lay in it is exported again. */
const SERVED_WITHIN = '2 minutes';

/**
 * The activities by what they wait for. Each function takes the summary that the Web UI shows on the timeline.
 * `giveUpAfterMs` is how long an outage is retried. None has a limit for one attempt: it may wait for the service's budget,
 * its requests have limits of their own, and a worker that is gone is known by its heartbeat.
 */
export function createProxies(giveUpAfterMs: number) {
  const { taskQueue } = workflowInfo();
  const queues = taskQueues(taskQueue);
  // Delays come with the failures (activities/failures.ts); this is for workers that vanish without one.
  const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' } as const;

  const queueOf = (stagingId: string | undefined) =>
    stagingId === undefined
      ? { taskQueue: queues.data }
      : ({ taskQueue: stagingTaskQueue(taskQueue, stagingId), scheduleToStartTimeout: SERVED_WITHIN } as const);

  return {
    prepare: (summary: string) =>
      proxyActivities<MainActivities>({
        taskQueue: queues.main,
        summary,
        retry,
        scheduleToCloseTimeout: giveUpAfterMs,
        heartbeatTimeout: '30 seconds',
        cancellationType: ActivityCancellationType.TRY_CANCEL,
      }),

    control: (summary: string) =>
      proxyActivities<MainActivities>({
        taskQueue: queues.main,
        summary,
        retry,
        scheduleToCloseTimeout: giveUpAfterMs,
        heartbeatTimeout: '30 seconds',
      }),

    /** Whom it cannot tell in that time learns it from somewhere else: the workflow's end waits for it. */
    tell: (summary: string) =>
      proxyActivities<MainActivities>({
        taskQueue: queues.main,
        summary,
        retry,
        scheduleToCloseTimeout: '15 minutes',
        heartbeatTimeout: '30 seconds',
        cancellationType: ActivityCancellationType.TRY_CANCEL,
      }),

    /** Whoever cancels must learn what became of the request: cancellation waits for the attempt to end. */
    submit: (summary: string) =>
      proxyActivities<WaitActivities>({
        taskQueue: queues.wait,
        summary,
        retry,
        scheduleToCloseTimeout: giveUpAfterMs,
        heartbeatTimeout: '30 seconds',
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      }),

    /** The deadline is the activity's own: it costs no timer in history. */
    wait: (summary: string, deadlineInMs: number) =>
      proxyActivities<WaitActivities>({
        taskQueue: queues.wait,
        summary,
        retry: { ...retry, backoffCoefficient: 1 },
        scheduleToCloseTimeout: Math.max(deadlineInMs, 1),
        heartbeatTimeout: '30 seconds',
        cancellationType: ActivityCancellationType.TRY_CANCEL,
      }),

    export: (summary: string) =>
      proxyActivities<DataActivities>({
        taskQueue: queues.data,
        summary,
        retry,
        scheduleToCloseTimeout: giveUpAfterMs,
        heartbeatTimeout: '60 seconds',
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      }),

    /** Activities of a step whose files lie in one place; when nobody serves it, the step moves (lost-staging.ts). */
    staging: (summary: string, stagingId: string | undefined) =>
      proxyActivities<StagingActivities>({
        ...queueOf(stagingId),
        summary,
        retry,
        scheduleToCloseTimeout: giveUpAfterMs,
        heartbeatTimeout: '60 seconds',
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      }),

    /** Once: a store that does not answer now is no reason to wait. */
    rehearse: (summary: string, stagingId: string | undefined) =>
      proxyActivities<StagingActivities>({
        ...queueOf(stagingId),
        summary,
        retry: { maximumAttempts: 1 },
        scheduleToCloseTimeout: giveUpAfterMs,
        heartbeatTimeout: '60 seconds',
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      }),

    /**
     * Only machines that hold the staging directory can publish from it; when none comes, the results are exported again.
     * From a bucket all can.
     */
    publish: (summary: string, stagingId: string | undefined) =>
      proxyActivities<StagingActivities>({
        ...queueOf(stagingId),
        summary,
        retry,
        scheduleToCloseTimeout: giveUpAfterMs,
        heartbeatTimeout: '60 seconds',
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      }),
  };
}

export type Proxies = ReturnType<typeof createProxies>;
