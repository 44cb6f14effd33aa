import { createZonedClock, type ZonedClock } from './zoned-clock.js';
import type { ScheduleSpec } from '../../domain/pipeline.js';
import { firesAt } from '../../pipeline-file/cron.js';

/** Times of a schedule that a change of its zone's clocks takes away, or makes come twice. */
export interface ClockChange {
  /** The day in the zone, e.g. `2027-03-28`. */
  readonly date: string;
  /** `missing`: nothing starts then. `twice`: the server starts one run or two. */
  readonly what: 'missing' | 'twice';
  /** In the zone, e.g. `02:30`; of many the first ones. */
  readonly times: readonly string[];
  readonly count: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOOKS_AHEAD_MS = 366 * 24 * HOUR_MS;
const TIMES_TOLD = 3;

/** Returns what the changes of the clocks within a year mean for a schedule; none for one by interval, or in UTC. */
export function clockChangesOf({ cron = [], timezone = 'UTC' }: ScheduleSpec, from: Date): readonly ClockChange[] {
  const expressions = typeof cron === 'string' ? [cron] : cron;
  if (expressions.length === 0) return [];
  const clock = createZonedClock(timezone);
  return changesOf(clock, from.getTime()).flatMap(({ at, before, after }): readonly ClockChange[] => {
    const isMissing = after > before;
    const [first, end] = isMissing ? [before, after] : [after, before];
    const minutes = Array.from({ length: (end - first) / MINUTE_MS }, (_, index) => at + first + index * MINUTE_MS);
    const times = minutes.filter((local) => expressions.some((expression) => firesAt(expression, timeOf(local))));
    const [day] = times;
    if (day === undefined) return [];
    const told = times.slice(0, TIMES_TOLD).map((local) => new Date(local).toISOString().slice(11, 16));
    const date = new Date(day).toISOString().slice(0, 10);
    return [{ date, what: isMissing ? 'missing' : 'twice', times: told, count: times.length }];
  });
}

interface Change {
  readonly at: number;
  /** How far the zone is ahead of UTC, milliseconds. */
  readonly before: number;
  readonly after: number;
}

function changesOf({ offsetAt }: ZonedClock, from: number): readonly Change[] {
  const changes: Change[] = [];
  const start = Math.floor(from / HOUR_MS) * HOUR_MS;
  const step = 12 * HOUR_MS;
  for (let time = start; time < start + LOOKS_AHEAD_MS; time += step) {
    const [before, after] = [offsetAt(time), offsetAt(time + step)];
    if (before === after) continue;
    let [low, high] = [time, time + step];
    while (high - low > MINUTE_MS) {
      const middle = Math.floor((low + high) / 2 / MINUTE_MS) * MINUTE_MS;
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    changes.push({ at: high, before, after });
  }
  return changes;
}

/** @param local milliseconds of a time in the zone, as if it were in UTC */
function timeOf(local: number) {
  const time = new Date(local);
  return {
    minute: time.getUTCMinutes(),
    hour: time.getUTCHours(),
    day: time.getUTCDate(),
    month: time.getUTCMonth() + 1,
    weekday: time.getUTCDay(),
    year: time.getUTCFullYear(),
  };
}
