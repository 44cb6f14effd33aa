import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleHandle,
  type ScheduleOptions,
} from '@temporalio/client';
import { sweepScheduleId, sweepWorkflowId } from '../domain/ids.js';
import type { SweepInput } from '../domain/orphans.js';

export interface SweepScheduleOptions {
  /** A Temporal client on the right namespace. */
  readonly client: Client;
  /** The workers' task queue. */
  readonly taskQueue: string;
  readonly everyMs: number;
  readonly input: SweepInput;
}

export interface SweepSchedule {
  readonly scheduleId: string;
  /** Whether it was there before: then it is as wanted now. */
  readonly existed: boolean;
  /** Somebody paused it; it stays paused. */
  readonly isPaused: boolean;
  /** Absent while it is paused, and where the server does not say yet. */
  readonly nextRunAt?: Date;
}

/** Makes sure that a Temporal Schedule starts `sweepOrphans` so often. One schedule per task queue: the last call counts. */
export async function putSweepSchedule(options: SweepScheduleOptions): Promise<SweepSchedule> {
  const { client, taskQueue } = options;
  const scheduleId = sweepScheduleId(taskQueue);
  const handle = client.schedule.getHandle(scheduleId);
  const existed = !(await create(client, scheduleId, options));
  if (existed) await update(handle, options);
  const { state, info } = await handle.describe();
  const [nextRunAt] = state.paused ? [] : info.nextActionTimes;
  return { scheduleId, existed, isPaused: state.paused, ...(nextRunAt === undefined ? {} : { nextRunAt }) };
}

/** @returns false if it is there already */
async function create(client: Client, scheduleId: string, options: SweepScheduleOptions): Promise<boolean> {
  try {
    await client.schedule.create({ scheduleId, ...contentOf(options) });
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}

async function update(handle: ScheduleHandle, options: SweepScheduleOptions): Promise<void> {
  await handle.update(({ state }) => ({ ...contentOf(options), state }));
}

function contentOf({ taskQueue, everyMs, input }: SweepScheduleOptions) {
  return {
    spec: { intervals: [{ every: everyMs }], jitter: Math.min(everyMs / 10, LARGEST_JITTER_MS) },
    action: {
      type: 'startWorkflow',
      workflowType: 'sweepOrphans',
      workflowId: sweepWorkflowId(taskQueue),
      taskQueue,
      args: [input],
      staticSummary: 'look for executions without an owner',
    },
    // A sweep that was missed need not be made up for: the next one sees the same.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>;
}

const LARGEST_JITTER_MS = 30_000;
