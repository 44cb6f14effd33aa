import { Option, type Command } from 'commander';
import { SWEEP_POLICIES } from '../../domain/orphans.js';
import { collect } from '../option-values.js';

const NAME = 'name of the pipeline, or its file';

export function addScheduleCommands(program: Command): void {
  const schedule = program.command('schedule').description('what Temporal Schedules start');

  schedule
    .command('apply')
    .description('make the schedule of a pipeline as its file says; shows what changes before it does')
    .argument('<file>', 'pipeline file with a `schedule`')
    .option('--param <name=value>', 'parameter of scheduled runs, may be repeated', collect, [])
    .option('--yes', 'do not ask')
    .option('--json', 'print what was done as JSON')
    .action(async (file, options) => (await import('./apply-schedule.js')).applySchedule(file, options));

  schedule
    .command('list')
    .description('when each schedule fires, how its last runs ended, and what keeps it from firing')
    .option('--json', 'print them as JSON')
    .action(async (options) => (await import('./show-schedules.js')).showSchedules(options));

  schedule
    .command('pause')
    .description('start nothing more; what runs goes on')
    .argument('<name>', NAME)
    .option('--reason <text>', 'note for whoever looks at it')
    .action(async (name, options) => (await import('./change-schedule.js')).pauseSchedule(name, options));

  schedule
    .command('resume')
    .description('go on after a pause')
    .argument('<name>', NAME)
    .action(async (name) => (await import('./change-schedule.js')).resumeSchedule(name));

  schedule
    .command('trigger')
    .description('start a run now')
    .argument('<name>', NAME)
    .action(async (name) => (await import('./change-schedule.js')).triggerSchedule(name));

  schedule
    .command('backfill')
    .description('start a run for each time of the schedule that has none, one after the other')
    .argument('<name>', NAME)
    .requiredOption('--from <time>', 'from this day or time on, e.g. 2026-11-01 or 2026-11-01T06:00:00Z')
    .requiredOption('--to <time>', 'up to this day or time, which is not part of it')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was done as JSON')
    .action(async (name, options) => (await import('./backfill-schedule.js')).backfillSchedule(name, options));

  schedule
    .command('delete')
    .description('remove the schedule; what runs goes on')
    .argument('<name>', NAME)
    .option('--yes', 'do not ask')
    .action(async (name, options) => (await import('./change-schedule.js')).deleteSchedule(name, options));

  schedule
    .command('sweep')
    .description('look regularly for live executions of our tasks that no workflow owns')
    .option('--every <duration>', 'how often', '15 minutes')
    .addOption(new Option('--policy <policy>', 'what to do with them').choices(SWEEP_POLICIES).default('report'))
    .option('--older-than <duration>', 'leave younger ones alone', '15 minutes')
    .option('--json', 'print it as JSON')
    .action(async (options) => (await import('../schedule-sweep.js')).scheduleSweep(options));
}
