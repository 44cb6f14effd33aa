import { shellCommand } from '../../domain/shell-command.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { countStarted, matchingTimes, startedTimes, type TimeSpan } from '../../client/schedules/schedule-times.js';
import { loadClientConfig } from '../../config.js';
import { planBackfill, type BackfillChunk, type BackfillPlan } from '../../domain/backfill.js';
import { orAborted } from '../../domain/or-aborted.js';
import type { PipelineSpec } from '../../domain/pipeline.js';
import { referencesIn } from '../../domain/references.js';
import { UserError } from '../../user-error.js';
import { warnWithoutWorker, withClient } from '../connect.js';
import { requireYes } from './change-schedule.js';
import { namedSchedule, type NamedSchedule } from './named-schedule.js';
import { readSpan } from './read-span.js';
import { print, say } from '../terminal.js';

export interface BackfillOptions {
  readonly from: string;
  readonly to: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * `titanflow schedule backfill NAME --from T --to T`: one run for each time of the schedule that has none, one after the
 * other. Many are asked for in chunks: the next one when all runs of the one before were started.
 */
export async function backfillSchedule(nameOrFile: string, options: BackfillOptions): Promise<void> {
  const span = readSpan(options.from, options.to, new Date());
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const named = await namedSchedule(client, nameOrFile);
    const { plain } = named;
    if (plain === undefined) throw new UserError(2, `${named.name} is a sweep: it looks at what is there now`);
    refuseSamePages(plain.pipeline);
    refuseWhileWaiting(named);
    const { scheduleId } = named.handle;
    const times = await matchingTimes(client, scheduleId, span);
    const plan = planBackfill(span.from.getTime(), times, await startedTimes(client, scheduleId, span), plain.jitterMs);
    say(describePlan(scheduleId, plan));
    if (plan.runs > 0) {
      await requireYes(`start ${runsIn(plan.runs)} of ${named.name}? Each is paid for.`, options.yes === true);
      await warnWithoutWorker(client, config.taskQueue);
      await send(client, named, plan, span);
    }
    const { runs, startedBefore } = plan;
    print(
      options.json === true
        ? JSON.stringify({ scheduleId, runs, startedBefore })
        : `${scheduleId}: ${runsIn(runs)} asked for; see: ${shellCommand('list --pipeline', named.name)}`,
    );
  });
}

/** @throws UserError for a pipeline whose runs do not differ by their time: each would buy the same page again */
function refuseSamePages({ name, steps }: PipelineSpec): void {
  const references = referencesIn(JSON.stringify(steps));
  if (references.includes('run.scheduledTime') || references.includes('run.key')) return;
  throw new UserError(
    2,
    `pipeline "${name}" uses neither \${run.scheduledTime} nor \${run.key}: every run of a backfill would buy the same pages again; use one of them in a task, then: titanflow schedule apply FILE`,
  );
}

/** A run that waits is not seen among those that were started: it would be asked for twice, and paid for twice. */
function refuseWhileWaiting({ handle, description }: NamedSchedule): void {
  const waiting = Number(description.raw.info?.bufferSize ?? 0);
  if (waiting === 0) return;
  throw new UserError(
    1,
    `${handle.scheduleId} still has runs that wait for their turn; try again when they were started, see: titanflow schedule list`,
  );
}

function describePlan(scheduleId: string, { chunks, runs, startedBefore }: BackfillPlan): string {
  const left =
    startedBefore === 0 ? '' : `${runsIn(startedBefore)} started before ${startedBefore === 1 ? 'is' : 'are'} left out`;
  if (runs === 0)
    return `${scheduleId}: nothing to start${left === '' ? ': the schedule has no times there' : `; ${left}`}`;
  const ranges = chunks.flatMap((chunk) => chunk.ranges);
  const first = new Date(ranges[0]?.start ?? 0).toISOString();
  const last = new Date(ranges.at(-1)?.end ?? 0).toISOString();
  return `${scheduleId}: ${runsIn(runs)}, one after the other, from ${first} to ${last}${left === '' ? '' : `; ${left}`}`;
}

function runsIn(count: number): string {
  return `${count} ${count === 1 ? 'run' : 'runs'}`;
}

const LOOK_EVERY_MS = 2_000;

/** Ctrl-C leaves what was asked for, and says where to go on. */
async function send(
  client: Client,
  { name, handle }: NamedSchedule,
  plan: BackfillPlan,
  span: TimeSpan,
): Promise<void> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  let asked = 0;
  let rest = span.from;
  try {
    for (const [index, chunk] of plan.chunks.entries()) {
      await handle.backfill(
        chunk.ranges.map(({ start, end }) => ({ start: new Date(start), end: new Date(end), overlap: 'BUFFER_ALL' })),
      );
      asked += chunk.runs;
      const next = plan.chunks[index + 1]?.ranges[0];
      if (next === undefined) return;
      rest = new Date(next.start);
      say(`${asked} of ${runsIn(plan.runs)} asked for; the next when all of them were started (Ctrl-C stops here)`);
      await allStarted(client, handle.scheduleId, chunk, stopped.signal);
    }
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    const goOn = `${shellCommand('schedule backfill', name)} --from ${rest.toISOString()} --to ${span.to.toISOString()}`;
    throw new UserError(
      1,
      `stopped: ${asked} of ${runsIn(plan.runs)} are asked for, and start one after the other; when they were started, go on with: ${goOn}`,
    );
  } finally {
    process.off('SIGINT', stop);
  }
}

async function allStarted(
  client: Client,
  scheduleId: string,
  { ranges, runs }: BackfillChunk,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const counts = await Promise.all(
      ranges.map(({ start, end }) =>
        countStarted(client, scheduleId, { from: new Date(start), to: new Date(end + 1) }),
      ),
    );
    if (counts.reduce((sum, count) => sum + count, 0) >= runs) return;
    await orAborted(sleep(LOOK_EVERY_MS, undefined, { signal }), signal);
  }
}
