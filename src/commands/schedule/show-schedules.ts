import { shellCommand } from '../../domain/shell-command.js';
import pc from 'picocolors';
import { listSchedules, type ListedSchedule } from '../../client/schedules/list-schedules.js';
import { loadClientConfig } from '../../config.js';
import { withClient } from '../connect.js';
import { plainTable, shortTime } from '../plain-table.js';
import { print } from '../terminal.js';
import { shown } from '../../printable.js';

/** `titanflow schedule list`: when each fires, how its last runs ended, and what keeps it from firing. */
export async function showSchedules(options: { readonly json?: boolean }): Promise<void> {
  await withClient(loadClientConfig(), async (client) => {
    const schedules = await listSchedules(client);
    print(options.json === true ? JSON.stringify(schedules) : asText(shown(schedules)));
  });
}

function asText(schedules: readonly ListedSchedule[]): string {
  if (schedules.length === 0) return 'there are no schedules; make one: titanflow schedule apply FILE';
  const rows = schedules.map((schedule) => [
    schedule.scheduleId,
    schedule.when,
    schedule.isPaused ? 'paused' : (schedule.nextRuns.map(shortTime)[0] ?? 'never'),
    schedule.lastRuns.map(({ status, startedAt }) => `${status} ${shortTime(startedAt)}`)[0] ?? 'none',
    String(schedule.skipped),
    String(schedule.missed),
  ]);
  const table = plainTable(['schedule', 'when', 'next run', 'last run', 'skipped', 'missed'], rows);
  return [table, ...schedules.flatMap(notesOn)].join('\n');
}

function notesOn({ scheduleId, overlap, blockedBy, isPaused, note, waiting }: ListedSchedule): readonly string[] {
  const notes: string[] = [];
  if (isPaused && note !== undefined) notes.push(`${scheduleId} is paused: ${note}`);
  if (blockedBy) {
    const { workflowId, since, fires } = blockedBy;
    const lost = overlap === 'skip' || overlap === undefined ? 'skipped' : 'made to wait';
    notes.push(
      pc.yellow(
        `${scheduleId}: ${workflowId} runs since ${shortTime(since)}, ${fires} ${fires === 1 ? 'fire was' : 'fires were'} ${lost} since; see: ${shellCommand('status', workflowId)}`,
      ),
    );
  }
  if (waiting > 0) notes.push(`${scheduleId}: runs wait for their turn`);
  return notes;
}
