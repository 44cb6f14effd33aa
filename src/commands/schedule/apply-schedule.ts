import { shellCommand } from '../../domain/shell-command.js';
import { compareSchedule, findSchedule, type ScheduleTodo } from '../../client/schedules/put-pipeline-schedule.js';
import { loadClientConfig } from '../../config.js';
import { UserError } from '../../user-error.js';
import { confirm, isAskable } from '../confirm.js';
import { warnWithoutWorker, withClient } from '../connect.js';
import { readParams, readPipeline } from '../read-pipeline.js';
import { print, printJson } from '../terminal.js';
import { shown } from '../../printable.js';

export interface ApplyScheduleOptions {
  readonly param: readonly string[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

const DONE = { create: 'created', update: 'updated', nothing: 'up to date', foreign: 'left alone' } as const;

/**
 * `titanflow schedule apply FILE`: makes the Temporal Schedule as the file says, after it has shown what differs. Where
 * nobody can be asked, it does not ask: a reviewed file is what somebody wants, and nothing is started by it now.
 */
export async function applySchedule(file: string, options: ApplyScheduleOptions): Promise<void> {
  const pipeline = await readPipeline(file);
  const { schedule } = pipeline;
  if (schedule === undefined) {
    throw new UserError(2, `${file}: there is no "schedule"; write one, such as: schedule: { cron: "0 * * * *" }`);
  }
  const params = readParams(file, pipeline, options.param, schedule.params);
  const config = loadClientConfig();
  await withClient(config, async (client) => {
    const { taskQueue } = config;
    const todo = await compareSchedule(client, { pipeline, schedule, params, taskQueue });
    const { scheduleId, kind, changes, isPaused } = todo;
    if (kind === 'foreign') {
      throw new UserError(
        2,
        `schedule "${scheduleId}" is not one that titanflow has made; delete it, or rename the pipeline`,
      );
    }
    const isJson = options.json === true;
    if (!isJson) print(asText(todo));
    if (kind !== 'nothing') {
      const asks = options.yes !== true && isAskable();
      if (asks && !(await confirm(`${kind} schedule ${scheduleId}?`))) {
        throw new UserError(1, 'nothing was changed');
      }
      await todo.apply();
    }
    const next = isPaused ? undefined : (await findSchedule(client, scheduleId))?.info.nextActionTimes[0];
    if (isJson) {
      printJson({ scheduleId, result: DONE[kind], changes, isPaused, nextRunAt: next });
    } else {
      print(`${scheduleId} ${DONE[kind]}${whenNext(pipeline.name, isPaused, next)}`);
    }
    await warnWithoutWorker(client, taskQueue);
  });
}

function whenNext(name: string, isPaused: boolean, next: Date | undefined): string {
  if (isPaused) return `; it is paused, go on with: ${shellCommand('schedule resume', name)}`;
  return next === undefined ? '' : `; next run ${next.toISOString()}`;
}

function asText({ scheduleId, kind, changes }: ScheduleTodo): string {
  if (kind === 'nothing') return `${scheduleId} is as the file says`;
  const width = Math.max(...changes.map(({ what }) => what.length));
  const lines = shown(changes).map(
    ({ what, from, to }) => `  ${what.padEnd(width)}  ${from === '' ? to : `${from} -> ${to}`}`,
  );
  return [`${scheduleId} ${kind === 'create' ? 'is new' : 'changes'}:`, ...lines].join('\n');
}
