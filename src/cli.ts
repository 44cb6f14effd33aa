#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Argument, Command, CommanderError, Option } from 'commander';
import { collect, wholeNumber } from './commands/option-values.js';
import { addScheduleCommands } from './commands/schedule/schedule-commands.js';
import { RUN_STATUSES } from './domain/run-status.js';
import { escaped } from './printable.js';
import { UserError } from './user-error.js';

/** Commands are imported when they are called: `--help` must not wait for Temporal's native worker. */
function createProgram(): Command {
  const program = new Command('titanflow')
    .description('Durable Titan scraping pipelines on Temporal')
    .version(version())
    .showHelpAfterError('(see titanflow --help)')
    .exitOverride();

  program
    .command('dev')
    .description('everything on this machine: Temporal, the Task Service emulator, a worker; runs FILE if given')
    .argument('[file]', 'pipeline file to run')
    .option('--param <name=value>', 'parameter of the pipeline, may be repeated', collect, [])
    .option('--live', 'use the real Task Service: runs are billed', false)
    .action(async (file, options) => (await import('./commands/dev.js')).dev(file, options));

  program
    .command('worker')
    .description('run a worker')
    .action(async () => (await import('./commands/worker.js')).worker());

  program
    .command('run')
    .description('start a pipeline and follow it live')
    .argument('<file>', 'pipeline file')
    .option('--param <name=value>', 'parameter of the pipeline, may be repeated', collect, [])
    .option('--key <key>', 'identity of this run: the same key never pays twice (default: the time)')
    .option('--detach', 'start it, and do not wait')
    .option('--json', 'print the outcome as JSON')
    .action(async (file, options) => (await import('./commands/run.js')).run(file, options));

  program
    .command('list')
    .description('runs, newest first')
    .option('--pipeline <name>', 'only of this pipeline')
    .addOption(new Option('--status <status>', 'only with this status').choices(RUN_STATUSES))
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .option('--all', 'those that others have started, too: steps, and what follows executions')
    .option('--json', 'print them as JSON')
    .action(async (options) => (await import('./commands/list.js')).list(options));

  program
    .command('watch')
    .description('follow any of our workflows live to its end; Ctrl-C leaves it running')
    .argument('<id>', 'workflow id')
    .option('--json', 'print the outcome as JSON')
    .action(async (id, options) => (await import('./commands/watch.js')).watch(id, options));

  program
    .command('status')
    .description('how a workflow stands, or how it ended')
    .argument('<id>', 'workflow id')
    .option('--json', 'print it as JSON')
    .action(async (id, options) => (await import('./commands/status.js')).status(id, options));

  program
    .command('cancel')
    .description('cancel a workflow; its remote executions are stopped')
    .argument('<id>', 'workflow id')
    .action(async (id) => (await import('./commands/cancel.js')).cancel(id));

  program
    .command('pause')
    .description('pause a workflow: its remote executions stand still, and it starts nothing more')
    .argument('<id>', 'workflow id')
    .action(async (id) => (await import('./commands/pause-and-resume.js')).pause(id));

  program
    .command('resume')
    .description('resume a workflow and its remote executions, whoever paused them')
    .argument('<id>', 'workflow id')
    .action(async (id) => (await import('./commands/pause-and-resume.js')).resume(id));

  program
    .command('retry')
    .description('a run that failed, was cancelled or terminated goes on from what is already paid for')
    .argument('<id>', 'workflow id, or the id of an execution')
    .option('--rerun', 'pay again for what the service itself failed')
    .option('--detach', 'start it, and do not wait')
    .option('--json', 'print the outcome as JSON')
    .action(async (id, options) => (await import('./commands/retry.js')).retry(id, options));

  program
    .command('release')
    .description('publish what a gate held')
    .argument('<id>', 'workflow id of a run, of a pipeline or of an execution, or the id of an execution')
    .option('--json', 'print the outcome as JSON, one line for each run')
    .action(async (id, options) => (await import('./commands/release.js')).release(id, options));

  program
    .command('validate')
    .description('list every problem of a pipeline file; no network')
    .argument('<file>', 'pipeline file')
    .option('--json', 'print them as JSON')
    .action(async (file, options) => (await import('./commands/validate.js')).validate(file, options));

  program
    .command('plan')
    .description('what a pipeline would do: steps, requests against the budget, tables; changes nothing')
    .argument('<file>', 'pipeline file')
    .option('--param <name=value>', 'parameter of the pipeline, may be repeated', collect, [])
    .option('--json', 'print it as JSON')
    .action(async (file, options) => (await import('./commands/plan/plan.js')).plan(file, options));

  program
    .command('doctor')
    .description('look at token, Temporal, workers, stores and clocks, and say how to mend what is wrong')
    .option('--json', 'print it as JSON')
    .action(async (options) => (await import('./commands/doctor/doctor.js')).doctor(options));

  const rejects = program
    .command('rejects')
    .description('records that could not be published, and what becomes of them');

  rejects
    .command('list')
    .description('which runs have rejects, and why')
    .option('--store <name>', 'only this store (default: all of the stores file, and what is staged here)')
    .option('--table <table>', 'only this table')
    .option('--run <id>', 'only this run: the id of an execution')
    .option('--json', 'print them as JSON')
    .action(async (options) => (await import('./commands/rejects/list-rejects.js')).listRejects(options));

  rejects
    .command('show')
    .description("a run's open rejects with reason, row and raw text")
    .argument('<run>', 'id of an execution')
    .option('--store <name>', 'only this store')
    .option('--table <table>', 'only this table')
    .option('--limit <n>', 'at most so many, 0 = all', wholeNumber, 20)
    .option('--json', 'print them as JSON, one a line')
    .action(async (run, options) => (await import('./commands/rejects/show-rejects.js')).showRejects(run, options));

  rejects
    .command('replay')
    .description("publish those of a run's rejects that are valid now; by default by the schema its task has now")
    .argument('<run>', 'id of an execution')
    .option('--store <name>', 'only this store')
    .option('--table <table>', 'only this table')
    .option('--schema <file>', 'by this JSON Schema')
    .option('--pipeline <file>', 'as a step of this pipeline file says')
    .option('--step <name>', 'that step')
    .addOption(new Option('--format <format>', 'what the run was exported as').choices(['json', 'csv']))
    .option('--records <path>', 'where the rows are in the document that the schema describes')
    .option('--coerce', 'read "12" as 12 where the schema says so; CSV always is')
    .option('--json', 'print what was done as JSON')
    .action(async (run, options) => (await import('./commands/rejects/replay-rejects.js')).replayRejects(run, options));

  addScheduleCommands(program);

  program
    .command('emulator')
    .description('run the Task Service emulator')
    .option('--scenario <file>', 'YAML or JSON file: how long executions live, how they end, which requests fail')
    .option('--port <n>', 'port, 0 = any that is free', wholeNumber, 8080)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--rpm <n>', 'requests a minute, 0 = no limit', wholeNumber, 120)
    .option('--window <seconds>', 'how long that minute is: less makes time run faster', wholeNumber, 60)
    .option('--seed <n>', 'seed of the rows', wholeNumber, 1)
    .option('--token <token>', 'the one credential that is accepted (default: any)')
    .action(async (options) => (await import('./commands/emulator.js')).emulator(options));

  program
    .command('completion')
    .description('print what a shell must read to complete these commands')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => (await import('./commands/completion/completion.js')).completion(program, shell));

  return program;
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return version;
}

/** A user's mistake is one clear line a problem; anything else is ours, and says so. */
async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { say } = await import('./commands/terminal.js');
  if (error instanceof UserError) {
    for (const line of error.message.split('\n')) say(`titanflow: ${escaped(line)}`);
    return error.exitCode;
  }
  say(`titanflow: unexpected: ${inspect(error)}`);
  return 1;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  // Temporal's runtime, once installed, keeps a process alive in which no worker ever ran.
  process.exit(await report(error));
}
