import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Random } from '../../../src/emulator/random.js';
import { startCli, type RunningCli } from '../../helpers/cli.js';
import type { Profiles, Tally } from '../profiles.js';
import { rest, type Background } from './background.js';
import { workOf } from './work-of-worker.js';

export interface WorkerPairOptions {
  readonly client: Client;
  readonly env: Readonly<Record<string, string>>;
  /** Each worker has a folder in it. */
  readonly directory: string;
  readonly profiles: Profiles;
  /** Most ends; then the workers are left in peace, or a short run on a slow machine never ends. */
  readonly mostEnds: number;
  /** Most lost disks; each holds up runs for minutes. */
  readonly mostLosses: number;
  /** Called with each worker that SIGTERM did not end, and what it was at. */
  readonly complain: (complaint: string) => void;
}

const SHORTEST_PEACE_MS = 10_000;
const LONGEST_PEACE_MS = 40_000;
/** Longest stop: running activities have their time to end. */
const LONGEST_STOP_MS = 60_000;
/** Steps that stage batches are divided among two disks: with so many, one that is lost is seldom lost to nobody. */
const STEPS_AT_A_LOSS = 2;

/** Starts two worker processes, of which one is ended every now and then and started again. */
export async function startWorkerPair(options: WorkerPairOptions, random: Random, tally: Tally): Promise<Background> {
  const { client, env, directory, profiles, mostEnds, mostLosses, complain } = options;
  const hasOwnDisk = profiles.has('lost-disks');
  const diskOf = (index: number): string => join(directory, hasOwnDisk ? `disk-${index}` : 'disk');
  const stopped = new AbortController();
  const signals = signalsOf(profiles);
  let ends = 0;
  let losses = 0;

  const start = async (index: number): Promise<RunningCli> => {
    await mkdir(diskOf(index), { recursive: true });
    const worker = startCli(['worker'], { env: { ...env, TITANFLOW_STAGING: diskOf(index) }, cwd: directory });
    await worker.says('working on task queue');
    return worker;
  };
  const workers = await Promise.all([start(0), start(1)]);

  async function end(worker: RunningCli | undefined, signal: NodeJS.Signals): Promise<void> {
    if (!worker) return;
    worker.child.kill(signal);
    if (signal === 'SIGKILL') return void (await worker.ended);
    const late = sleep(LONGEST_STOP_MS, 'late' as const, { ref: false });
    if ((await Promise.race([worker.ended, late])) !== 'late') return;
    const work = await workOf(client, worker.child.pid);
    worker.child.kill('SIGKILL');
    const { stderr } = await worker.ended;
    const told = [
      `a worker did not end within ${LONGEST_STOP_MS / 1000} s after SIGTERM`,
      ...work,
      stderr.slice(-2_000),
    ];
    complain(told.join('\n  '));
  }

  async function isStaged(): Promise<boolean> {
    const query = `TaskQueue = '${env['TITANFLOW_TASK_QUEUE']}' AND WorkflowType = 'runBatches' AND ExecutionStatus = 'Running'`;
    return (await client.workflow.count(query)).count >= STEPS_AT_A_LOSS;
  }

  async function endNowAndThen(): Promise<void> {
    while (ends < mostEnds) {
      await rest(random.integer(SHORTEST_PEACE_MS, LONGEST_PEACE_MS), stopped.signal);
      const signal = signals[ends % Math.max(1, signals.length)];
      if (stopped.signal.aborted || !signal) return;
      const index = random.integer(0, 1);
      await end(workers[index], signal);
      ends += 1;
      tally.add(`worker: ${signal}`);
      if (hasOwnDisk && signal === 'SIGKILL' && losses < mostLosses && (await isStaged())) {
        await rm(diskOf(index), { recursive: true, force: true });
        losses += 1;
        tally.add('worker: disk lost');
      }
      workers[index] = await start(index);
    }
  }

  const ending = endNowAndThen();
  return {
    async stop() {
      stopped.abort();
      await ending;
      await Promise.all(workers.map((worker) => end(worker, 'SIGTERM')));
    },
  };
}

function signalsOf(profiles: Profiles): NodeJS.Signals[] {
  return [
    ...(profiles.has('kills') ? ['SIGKILL' as const] : []),
    ...(profiles.has('stops') ? ['SIGTERM' as const] : []),
  ];
}
