import type { Client } from '@temporalio/client';
import { msNumberToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { searchValue } from '../search-value.js';

/** A span of time: `from` is part of it, `to` is not. */
export interface TimeSpan {
  readonly from: Date;
  readonly to: Date;
}

/** When a schedule fires within a span, its jitter included, in order. Nothing is started. */
export async function matchingTimes(client: Client, scheduleId: string, { from, to }: TimeSpan): Promise<number[]> {
  const times: number[] = [];
  // The server leaves out the start itself, and gives at most a thousand times.
  let after = from.getTime() - 1;
  for (;;) {
    const { startTime } = await client.workflowService.listScheduleMatchingTimes({
      namespace: client.options.namespace,
      scheduleId,
      startTime: msNumberToTs(after),
      endTime: msNumberToTs(to.getTime() - 1),
    });
    const found = (startTime ?? []).map(tsToMs);
    times.push(...found);
    const last = found.at(-1);
    if (last === undefined || found.length < MOST_GIVEN) return times;
    after = last;
  }
}

/** The times, without jitter, for which a schedule has started a run within a span: as far as Temporal remembers. */
export async function startedTimes(client: Client, scheduleId: string, span: TimeSpan): Promise<number[]> {
  const times: number[] = [];
  for await (const { searchAttributes } of client.workflow.list({ query: startedIn(scheduleId, span) })) {
    const [time] = searchAttributes['TemporalScheduledStartTime'] ?? [];
    if (time instanceof Date) times.push(time.getTime());
  }
  return times.toSorted((a, b) => a - b);
}

/** How many there are: the server counts. */
export async function countStarted(client: Client, scheduleId: string, span: TimeSpan): Promise<number> {
  return (await client.workflow.count(startedIn(scheduleId, span))).count;
}

const MOST_GIVEN = 1000;

function startedIn(scheduleId: string, { from, to }: TimeSpan): string {
  const [start, end] = [from, to].map((time) => searchValue(time.toISOString()));
  const within = `TemporalScheduledStartTime >= ${start} AND TemporalScheduledStartTime < ${end}`;
  return `TemporalScheduledById = ${searchValue(scheduleId)} AND ${within}`;
}
