import { shellCommand } from '../domain/shell-command.js';
import { putSweepSchedule, type SweepSchedule } from '../client/sweep-schedule.js';
import { loadClientConfig } from '../config.js';
import type { SweepPolicy } from '../domain/orphans.js';
import { readDuration } from '../pipeline-file/duration.js';
import { UserError } from '../user-error.js';
import { warnWithoutWorker, withClient } from './connect.js';
import { print } from './terminal.js';

export interface ScheduleSweepOptions {
  readonly every: string;
  readonly policy: SweepPolicy;
  readonly olderThan: string;
  readonly json?: boolean;
}

const SHORTEST_MS = 60_000;

/** `titanflow schedule sweep`: creates the schedule, or makes it as wanted. */
export async function scheduleSweep(options: ScheduleSweepOptions): Promise<void> {
  const { policy, olderThan } = options;
  const everyMs = durationOf('--every', options.every);
  durationOf('--older-than', olderThan);
  if (everyMs < SHORTEST_MS) {
    throw new UserError(2, `--every ${options.every}: must be a minute or more, because every sweep costs requests`);
  }
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const { taskQueue } = config;
    const schedule = await putSweepSchedule({ client, taskQueue, everyMs, input: { policy, olderThan } });
    await warnWithoutWorker(client, taskQueue);
    print(
      options.json === true
        ? JSON.stringify({ ...schedule, policy, every: options.every, olderThan })
        : asText(schedule, options),
    );
  });
}

function durationOf(option: string, text: string): number {
  const milliseconds = readDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new UserError(2, `${option} ${text}: must be a duration such as "15 minutes" or "1 hour"`);
}

const DOES: Readonly<Record<SweepPolicy, string>> = { report: 'reports', adopt: 'adopts', stop: 'stops' };

function asText(
  { scheduleId, existed, isPaused, nextRunAt }: SweepSchedule,
  { every, policy, olderThan }: ScheduleSweepOptions,
): string {
  const next = isPaused
    ? `it is paused; go on with: ${shellCommand('schedule resume', scheduleId)}`
    : `next run ${nextRunAt === undefined ? `within ${every}` : `at ${nextRunAt.toISOString()}`}`;
  return [
    `${scheduleId} ${existed ? 'updated' : 'created'}: every ${every} it ${DOES[policy]} live executions without an owner that are older than ${olderThan}; ${next}`,
    `remove it with: ${shellCommand('schedule delete', scheduleId)}`,
  ].join('\n');
}
