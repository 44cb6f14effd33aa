import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/emulator/random.js';
import { startCli, type CliOptions, type RunningCli } from '../helpers/cli.js';

/** Two worker processes, of which one is killed every now and then and started again. */
export interface WorkerPair {
  readonly kills: () => number;
  stop(): Promise<void>;
}

const SHORTEST_PEACE_MS = 6_000;
const LONGEST_PEACE_MS = 18_000;

/** @param mostKills after so many they are left in peace: else a short run on a slow machine never ends */
export async function startWorkerPair(options: CliOptions, random: Random, mostKills: number): Promise<WorkerPair> {
  const start = async (): Promise<RunningCli> => {
    const worker = startCli(['worker'], options);
    await worker.says('working on task queue');
    return worker;
  };
  const workers = await Promise.all([start(), start()]);
  const stopped = new AbortController();
  let kills = 0;

  async function killNowAndThen(): Promise<void> {
    while (!stopped.signal.aborted && kills < mostKills) {
      const peace = random.integer(SHORTEST_PEACE_MS, LONGEST_PEACE_MS);
      await sleep(peace, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      const index = random.integer(0, 1);
      workers[index]?.child.kill('SIGKILL');
      await workers[index]?.ended;
      kills += 1;
      workers[index] = await start();
    }
  }

  const killing = killNowAndThen();
  return {
    kills: () => kills,
    async stop() {
      stopped.abort();
      await killing;
      for (const { child } of workers) child.kill('SIGTERM');
      await Promise.all(workers.map(({ ended }) => ended));
    },
  };
}
