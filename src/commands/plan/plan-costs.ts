import { durationText } from '../../domain/duration-text.js';
import type { ScheduleSpec } from '../../domain/pipeline.js';
import { readDuration } from '../../pipeline-file/duration.js';
import { firesADay } from './fires-a-day.js';
import type { StepOutline } from './plan-steps.js';

/** What one run of a pipeline takes, as far as its file tells. */
export interface Costs {
  /** Executions that it starts at most, beside those that depend on rows. */
  readonly executions: number;
  /** Steps of which nobody knows yet how many they start. */
  readonly dependsOnRowsOf: readonly string[];
  /** `maxExecutions` of the file. */
  readonly cap?: number;
  /** Of what is known, about. */
  readonly requests: number;
  /** How long all of the budget would be used for it; undefined: there is no limit. */
  readonly minutesOfBudget?: number;
}

/** The run and the export; looks are shared, and one more request in ten runs. Measured: docs/benchmarks.md. */
const REQUESTS_PER_EXECUTION = 2.1;
/** A definition that is new is looked for once, and made. */
const REQUESTS_PER_NEW_TASK = 2;

export function costsOf(steps: readonly StepOutline[], requestsPerMinute: number, cap: number | undefined): Costs {
  const known = steps.reduce((sum, { executions = 0 }) => sum + executions, 0);
  const dependsOnRowsOf = steps.flatMap(({ name, executions, forEach }) => {
    const within = name.slice(0, name.lastIndexOf('/') + 1);
    return executions === undefined && forEach ? [`${within}${forEach.rowsOf}`] : [];
  });
  const executions = cap === undefined ? known : Math.min(known, cap);
  const requests = Math.ceil(steps.reduce((sum, step) => sum + requestsOf(step), 0));
  return {
    executions,
    dependsOnRowsOf: [...new Set(dependsOnRowsOf)],
    requests,
    ...(cap === undefined ? {} : { cap }),
    ...(requestsPerMinute === 0 ? {} : { minutesOfBudget: requests / requestsPerMinute }),
  };
}

/** Of a step whose number of executions is known. */
export function requestsOf({ executions = 0, task }: StepOutline): number {
  if (executions === 0) return 0;
  const made = task?.isNewEachTime === true ? REQUESTS_PER_NEW_TASK : 0;
  return Math.round(executions * (REQUESTS_PER_EXECUTION + made) * 10) / 10;
}

export interface ScheduleCosts {
  readonly when: string;
  /** On a day on which it starts. */
  readonly runsADay: number;
  readonly executionsADay: number;
  readonly requestsADay: number;
  /** Of all the requests that a day's budget has; undefined: there is no limit. */
  readonly shareOfBudget?: number;
}

const DAY_MS = 86_400_000;

export function scheduleCosts(schedule: ScheduleSpec, run: Costs, requestsPerMinute: number): ScheduleCosts {
  const { cron = [], interval } = schedule;
  const crons = typeof cron === 'string' ? [cron] : cron;
  const intervalMs = interval === undefined ? undefined : readDuration(interval);
  const byInterval = intervalMs === undefined ? 0 : DAY_MS / intervalMs;
  const runsADay = crons.reduce((sum, expression) => sum + firesADay(expression), byInterval);
  const requestsADay = Math.ceil(runsADay * run.requests);
  return {
    when: [...crons, ...(intervalMs === undefined ? [] : [`every ${durationText(intervalMs)}`])].join(', '),
    runsADay,
    executionsADay: Math.ceil(runsADay * run.executions),
    requestsADay,
    ...(requestsPerMinute === 0 ? {} : { shareOfBudget: requestsADay / (requestsPerMinute * 1_440) }),
  };
}
