import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { createRandom } from '../../src/emulator/random.js';
import { startPostgres } from '../helpers/postgres.js';
import type { Background } from './disturb/background.js';
import { holdTables } from './disturb/hold-tables.js';
import { pauseTasks } from './disturb/pause-tasks.js';
import { startWorkerPair } from './disturb/worker-pair.js';
import type { Profiles, Tally } from './profiles.js';
import { changeWeather, scenarioOf } from './service/weather.js';

export interface WorldOptions {
  readonly runs: number;
  readonly seed: number;
  readonly temporalAddress: string;
  readonly profiles: Profiles;
  readonly tally: Tally;
}

/** A service, a database and two workers, and all the trouble that comes over them by itself. */
export interface World {
  readonly emulator: Emulator;
  readonly client: Client;
  readonly taskQueue: string;
  readonly databaseUrl: string;
  /** What was seen to go wrong meanwhile, each once. */
  readonly complaints: ReadonlySet<string>;
  /** Ends the trouble, but not the workers. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

const LONGEST_STOP_MS = 30_000;
/** The service repeats it in its messages. */
export const CREDENTIAL = 'token-of-the-chaos-suite';

export async function openWorld({ runs, seed, temporalAddress, profiles, tally }: WorldOptions): Promise<World> {
  const random = createRandom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'titanflow-chaos-'));
  const database = await startPostgres();
  const { scenario } = scenarioOf(profiles, 0);
  const emulator = await startEmulator({ requestsPerMinute: 0, seed, scenario, keepRequests: 1_000_000 });
  const taskQueue = `chaos-${crypto.randomUUID().slice(0, 8)}`;
  const stores = join(directory, 'stores.yaml');
  await writeFile(stores, 'stores: { warehouse: { kind: postgres, url: "${DATABASE_URL}" } }');
  const env = {
    TEMPORAL_ADDRESS: temporalAddress,
    TITANFLOW_TASK_QUEUE: taskQueue,
    TITANFLOW_STORES: stores,
    TITAN_API_URL: emulator.url,
    TITAN_TOKEN: CREDENTIAL,
    TITAN_RPM: '0',
    DATABASE_URL: database.url,
    TITANFLOW_LOG: 'error',
    // What is huge when it is unpacked must not fill the memory.
    ...(profiles.has('bombs') ? { NODE_OPTIONS: '--max-old-space-size=320' } : {}),
    // Times without a zone are UTC, wherever the worker is.
    ...(profiles.has('clocks') ? { TZ: 'America/New_York' } : {}),
  };
  const complaints = new Set<string>();
  const complain = (complaint: string): void => void complaints.add(complaint);
  const limits = { mostEnds: Math.ceil(runs / 8), mostLosses: Math.ceil(runs / 100) };
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const workers = await startWorkerPair({ client, env, directory, profiles, complain, ...limits }, random, tally);
  const holds = { url: database.url, longHolds: Math.floor(runs / 100), tally, complain };
  const backgrounds: Background[] = [
    changeWeather(emulator, profiles, createRandom(seed + 3), tally),
    ...(profiles.has('locks') ? [holdTables(holds, createRandom(seed + 1))] : []),
    ...(profiles.has('paused-tasks') ? [pauseTasks(emulator, createRandom(seed + 2), tally)] : []),
  ];
  const calm = async (): Promise<void> => {
    await Promise.all(backgrounds.map((background) => background.stop()));
  };
  return {
    emulator,
    client,
    taskQueue,
    databaseUrl: database.url,
    complaints,
    calm,
    async close() {
      await calm();
      await workers.stop();
      await connection.close();
      await emulator.close();
      // A database that has ended by itself never says that it has stopped.
      await Promise.race([database.stop(), sleep(LONGEST_STOP_MS)]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
