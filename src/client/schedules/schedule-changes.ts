import { isDeepStrictEqual } from 'node:util';
import { durationText } from '../../domain/duration-text.js';
import type { PipelineSpec } from '../../domain/pipeline.js';
import type { PlainSchedule } from './plain-schedule.js';

/** One thing that differs, in the words of the pipeline file. */
export interface ScheduleChange {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/** What makes one schedule another; nothing where both are the same. */
export function scheduleChanges(from: PlainSchedule, to: PlainSchedule): readonly ScheduleChange[] {
  const [before, after] = [scheduleLines(from), scheduleLines(to)];
  const fields = Object.keys(after).flatMap((what) =>
    before[what] === after[what] ? [] : [{ what, from: before[what] ?? '', to: after[what] ?? '' }],
  );
  return [...fields, ...pipelineChanges(from.pipeline, to.pipeline)];
}

/** A schedule as lines of a pipeline file, all but the pipeline itself. */
export function scheduleLines(plain: PlainSchedule): Readonly<Record<string, string>> {
  return {
    cron: plain.cron.join(', ') || 'none',
    interval: plain.intervalMs.map(durationText).join(', ') || 'none',
    timezone: plain.timezone,
    overlap: plain.overlap,
    catchup: durationText(plain.catchupMs),
    jitter: durationText(plain.jitterMs),
    params: Object.keys(plain.params).length === 0 ? 'none' : JSON.stringify(sorted(plain.params)),
    'task queue': plain.taskQueue,
  };
}

function pipelineChanges(from: PipelineSpec, to: PipelineSpec): readonly ScheduleChange[] {
  const { steps: stepsBefore, ...before } = from;
  const { steps: stepsAfter, ...after } = to;
  return [
    ...differences(before, after).map((change) => ({ ...change, what: `pipeline's ${change.what}` })),
    ...differences(stepsBefore, stepsAfter).map((change) => ({ ...change, what: `step ${change.what}` })),
  ];
}

/** A whole step or key is too much for a line: it is named. */
function differences(from: object, to: object): readonly ScheduleChange[] {
  const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
    if (isDeepStrictEqual(before.get(what), after.get(what))) return [];
    if (!before.has(what)) return [{ what, from: 'none', to: 'new' }];
    return [{ what, from: 'as it was', to: after.has(what) ? 'changed' : 'removed' }];
  });
}

function sorted(params: PlainSchedule['params']): PlainSchedule['params'] {
  return Object.fromEntries(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
