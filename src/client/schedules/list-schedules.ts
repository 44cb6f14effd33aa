import type { Client, ScheduleDescription, ScheduleSummary, WorkflowExecutionDescription } from '@temporalio/client';
import { describeWorkflow } from '../describe-workflow.js';
import PQueue from 'p-queue';
import { durationText } from '../../domain/duration-text.js';
import { pipelineScheduleId, sweepScheduleId } from '../../domain/ids.js';
import type { Overlap } from '../../domain/pipeline.js';
import { plainOf } from './plain-schedule.js';
import { findSchedule } from './put-pipeline-schedule.js';
import { scheduleLines } from './schedule-changes.js';
import { matchingTimes } from './schedule-times.js';

/** How a schedule stands. */
export interface ListedSchedule {
  readonly scheduleId: string;
  /** When it fires, in the words of its file. */
  readonly when: string;
  readonly overlap: Overlap | undefined;
  readonly isPaused: boolean;
  readonly note?: string;
  readonly nextRuns: readonly Date[];
  readonly lastRuns: readonly ListedRun[];
  /** Fires that started nothing because a run was there. */
  readonly skipped: number;
  /** Fires that came too late to be made up for. */
  readonly missed: number;
  /** Runs that wait for their turn; Temporal does not tell of all. */
  readonly waiting: number;
  /** The run that keeps others from starting, and how many fires there were since. */
  readonly blockedBy?: { readonly workflowId: string; readonly since: Date; readonly fires: number };
}

interface ListedRun {
  readonly workflowId: string;
  readonly startedAt: Date;
  /** As Temporal says it, in small letters; `forgotten` after its retention. */
  readonly status: string;
}

/** All schedules that titanflow has made, by id. */
export async function listSchedules(client: Client): Promise<readonly ListedSchedule[]> {
  const ids: string[] = [];
  for await (const summary of client.schedule.list()) if (mayBeOurs(summary)) ids.push(summary.scheduleId);
  const queue = new PQueue({ concurrency: AT_ONCE });
  const listed = await Promise.all(ids.toSorted().map((id) => queue.add(() => look(client, id))));
  return listed.filter((schedule) => schedule !== undefined);
}

const AT_ONCE = 8;
const MOST_RUNS = 3;

function mayBeOurs({ scheduleId }: ScheduleSummary): boolean {
  return [pipelineScheduleId(''), sweepScheduleId('')].some((prefix) => scheduleId.startsWith(prefix));
}

async function look(client: Client, scheduleId: string): Promise<ListedSchedule | undefined> {
  const description = await findSchedule(client, scheduleId);
  if (description === undefined) return undefined;
  const plain = plainOf(description);
  const isSweep = description.action.workflowType === 'sweepOrphans';
  if (plain === undefined && !isSweep) return undefined;
  const { state, info, raw, spec } = description;
  const blockedBy = await blockerOf(client, description);
  return {
    scheduleId,
    when:
      plain === undefined
        ? `every ${(spec.intervals ?? []).map(({ every }) => durationText(every)).join(', ')}`
        : whenOf(scheduleLines(plain)),
    overlap: plain?.overlap,
    isPaused: state.paused,
    ...(state.note ? { note: state.note } : {}),
    nextRuns: state.paused ? [] : info.nextActionTimes.slice(0, MOST_RUNS),
    lastRuns: await Promise.all(
      info.recentActions
        .slice(-MOST_RUNS)
        .toReversed()
        .map(async ({ action: { workflow }, takenAt }) => ({
          workflowId: workflow.workflowId,
          startedAt: takenAt,
          status: statusOf(await describeWorkflow(client, workflow.workflowId)),
        })),
    ),
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    waiting: Number(raw.info?.bufferSize ?? 0),
    ...(blockedBy ? { blockedBy } : {}),
  };
}

async function blockerOf(client: Client, { scheduleId, info, policies }: ScheduleDescription) {
  const [running] = info.runningActions;
  if (running === undefined || !HOLDS_UP.has(policies.overlap)) return undefined;
  const { workflowId } = running.workflow;
  const workflow = await describeWorkflow(client, workflowId);
  if (workflow?.status.name !== 'RUNNING') return undefined;
  const since = workflow.startTime;
  const fires = await matchingTimes(client, scheduleId, { from: new Date(since.getTime() + 1), to: new Date() });
  return fires.length === 0 ? undefined : { workflowId, since, fires: fires.length };
}

const HOLDS_UP = new Set<ScheduleDescription['policies']['overlap']>(['SKIP', 'BUFFER_ONE', 'BUFFER_ALL']);

function statusOf(workflow: WorkflowExecutionDescription | undefined): string {
  return workflow?.status.name.toLowerCase() ?? 'forgotten';
}

function whenOf({ cron = '', interval = '', timezone = '' }: Readonly<Record<string, string>>): string {
  const zone = timezone === 'UTC' ? '' : ` ${timezone}`;
  return [cron === 'none' ? '' : `${cron}${zone}`, interval === 'none' ? '' : `every ${interval}`]
    .filter(Boolean)
    .join('; ');
}
