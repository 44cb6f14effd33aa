import type { ScheduleDescription, ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { pipelineScheduleId, scheduledWorkflowId } from '../../domain/ids.js';
import type { Json } from '../../domain/json.js';
import type { Overlap, PipelineSpec, RunPipelineInput, ScheduleSpec } from '../../domain/pipeline.js';
import { readDuration } from '../../pipeline-file/duration.js';

/** A pipeline's schedule in the words of its file, with every default filled in. */
export interface PlainSchedule {
  readonly cron: readonly string[];
  readonly intervalMs: readonly number[];
  readonly timezone: string;
  readonly overlap: Overlap;
  readonly catchupMs: number;
  readonly jitterMs: number;
  readonly taskQueue: string;
  readonly params: Readonly<Record<string, Json>>;
  /** What each run starts with: without `schedule`, and with the notice that is meant for scheduled runs. */
  readonly pipeline: PipelineSpec;
}

export interface ScheduleWish {
  readonly pipeline: PipelineSpec;
  readonly schedule: ScheduleSpec;
  readonly params: Readonly<Record<string, Json>>;
  readonly taskQueue: string;
}

/** Temporal's own is a year: after an outage it would start, and pay for, everything that was missed. */
const CATCHUP_MS = 60_000;

/** Marks a schedule as ours: nobody else's is ever changed. */
const MEMO = { madeBy: 'titanflow' };

export function plainSchedule({ pipeline, schedule, params, taskQueue }: ScheduleWish): PlainSchedule {
  const { cron = [], interval, timezone = 'UTC', overlap = 'skip', catchup, jitter } = schedule;
  const { schedule: _when, ...spec } = pipeline;
  const onFailure = schedule.onFailure ?? spec.onFailure;
  return {
    cron: typeof cron === 'string' ? [cron] : cron,
    intervalMs: interval === undefined ? [] : [readDuration(interval) ?? 0],
    timezone,
    overlap,
    catchupMs: catchup === undefined ? CATCHUP_MS : (readDuration(catchup) ?? CATCHUP_MS),
    jitterMs: jitter === undefined ? 0 : (readDuration(jitter) ?? 0),
    taskQueue,
    params,
    pipeline: onFailure === undefined ? spec : { ...spec, onFailure },
  };
}

/** What Temporal is told. It keeps cron expressions as calendars, so each carries itself along as its comment. */
export function scheduleOptions(plain: PlainSchedule): Omit<ScheduleOptions, 'state'> {
  const { name } = plain.pipeline;
  const input: RunPipelineInput = { pipeline: plain.pipeline, params: plain.params };
  return {
    scheduleId: pipelineScheduleId(name),
    spec: {
      cronExpressions: plain.cron.map((cron) => `${cron} # ${cron}`),
      intervals: plain.intervalMs.map((every) => ({ every })),
      jitter: plain.jitterMs,
      timezone: plain.timezone,
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'runPipeline',
      workflowId: scheduledWorkflowId(name),
      taskQueue: plain.taskQueue,
      args: [input],
      staticSummary: `pipeline ${name}, scheduled`,
    },
    policies: { overlap: OVERLAPS[plain.overlap], catchupWindow: plain.catchupMs },
    memo: MEMO,
  };
}

/** A schedule as it stands, whoever changed it last; undefined if it is none that we have made. */
export function plainOf({ spec, action, policies, memo }: ScheduleDescription): PlainSchedule | undefined {
  if (memo?.['madeBy'] !== MEMO.madeBy || action.workflowType !== 'runPipeline') return undefined;
  const input = inputOf(action.args);
  if (input === undefined) return undefined;
  const overlap = Object.entries(OVERLAPS).find(([, policy]) => policy === policies.overlap)?.[0];
  return {
    cron: (spec.calendars ?? []).map(({ comment }) => (comment ? comment : ELSEWHERE)),
    intervalMs: (spec.intervals ?? []).map(({ every }) => every),
    timezone: spec.timezone ? spec.timezone : 'UTC',
    overlap: isOverlap(overlap) ? overlap : 'skip',
    catchupMs: policies.catchupWindow,
    jitterMs: spec.jitter ?? 0,
    taskQueue: action.taskQueue,
    params: input.params ?? {},
    pipeline: input.pipeline,
  };
}

/** A calendar that somebody has set by hand. */
const ELSEWHERE = 'a calendar that no file has';

const OVERLAPS: Readonly<Record<Overlap, NonNullable<ScheduleOverlapPolicy>>> = {
  skip: 'SKIP',
  bufferOne: 'BUFFER_ONE',
  bufferAll: 'BUFFER_ALL',
  cancelOther: 'CANCEL_OTHER',
  terminateOther: 'TERMINATE_OTHER',
  allowAll: 'ALLOW_ALL',
};

function isOverlap(name: string | undefined): name is Overlap {
  return name !== undefined && Object.hasOwn(OVERLAPS, name);
}

function inputOf(args: unknown): RunPipelineInput | undefined {
  const input: unknown = Array.isArray(args) ? args[0] : undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- we have made it: see MEMO
  return typeof input === 'object' && input !== null && 'pipeline' in input ? (input as RunPipelineInput) : undefined;
}
