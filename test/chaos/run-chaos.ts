import { setTimeout as sleep } from 'node:timers/promises';
import { isLive } from '../../src/domain/status.js';
import { createRandom } from '../../src/emulator/random.js';
import { checkBooks, type Books } from './books/check-books.js';
import { checkHistories } from './books/check-histories.js';
import { excerpt } from './books/excerpt.js';
import { heldUp, type HeldUp } from './books/held-up.js';
import { rest } from './disturb/background.js';
import { disturbRun } from './disturb/disturb-run.js';
import { createTally, type Profiles } from './profiles.js';
import { judge, lastEnd, type EndedRun } from './runs/end-of-run.js';
import { mixRuns } from './runs/mix-runs.js';
import type { Wanted } from './runs/wanted.js';
import { CREDENTIAL, openWorld, type World } from './world.js';

export interface ChaosOptions {
  readonly runs: number;
  readonly seed: number;
  readonly temporalAddress: string;
  readonly profiles: Profiles;
  /** A run that takes longer counts as hung. */
  readonly patienceSeconds: number;
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly books: Books;
  /** Troubles that came over service, workers, tables and runs, counted by name. */
  readonly injected: Readonly<Record<string, number>>;
  readonly ended: readonly EndedRun[];
  readonly heldUp: HeldUp;
  readonly billed: number;
  /** What else was seen to go wrong. */
  readonly complaints: readonly string[];
}

const AT_ONCE = 36;
const LAST_STORM_MS = 60_000;
const LONGEST_END_MS = 180_000;

/** Runs many runs while everything fails, and then looks whether the books balance. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { runs, seed, profiles, patienceSeconds, say } = options;
  const tally = createTally();
  const world = await openWorld({ ...options, tally });
  const { client, emulator, taskQueue, databaseUrl } = world;
  const wantedOf = mixRuns({ client, taskQueue }, profiles);
  const ended: EndedRun[] = [];

  async function runOne(index: number): Promise<void> {
    const wanted = wantedOf(index);
    await wanted.start();
    tally.add(`wanted: ${wanted.kind}`);
    const random = createRandom(seed * 100_003 + index);
    const disturbing = wanted.isFair ? disturbRun(client, wanted.workflowId, random, profiles, tally) : undefined;
    ended.push(await patiently(world, wanted, disturbing, patienceSeconds));
    if (ended.length % 20 === 0) say(`${ended.length} of ${runs} runs over`);
  }

  let next = 0;
  let abating: Promise<void> | undefined;
  const allOver = new AbortController();
  const oneAfterAnother = async (): Promise<void> => {
    while (next < runs) await runOne(next++);
    abating ??= abate(world, allOver.signal);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, runs) }, oneAfterAnother));
    allOver.abort();
    await abating;
    const swept = await sweep(world);
    await untilNothingRuns(world);
    const ledger = emulator.ledger();
    const books = await checkBooks(ended, ledger, client, taskQueue, databaseUrl);
    const injected = { ...prefixed('service: ', ledger.faults), ...tally.counts() };
    const { billed } = ledger;
    const complaints = [...world.complaints, ...swept, ...(await checkHistories(client, taskQueue, CREDENTIAL))];
    return { books, injected, ended, heldUp: heldUp(ended), billed, complaints };
  } finally {
    await world.close();
  }
}

/** Calms the world when nothing is left to start: the last runs would else go on until nothing happens to hit them. */
async function abate(world: World, allOver: AbortSignal): Promise<void> {
  await rest(LAST_STORM_MS, allOver);
  await world.calm();
}

async function patiently(
  { client }: World,
  wanted: Wanted,
  disturbing: ReturnType<typeof disturbRun> | undefined,
  patienceSeconds: number,
): Promise<EndedRun> {
  const { workflowId } = wanted;
  const handle = client.workflow.getHandle(workflowId);
  // A reset may come when the run is over already: how it ends is known after that only.
  const ending = (async () => ({ disturbance: await disturbing, ...(await lastEnd(client, wanted)) }))();
  const patience = new AbortController();
  const over = rest(patienceSeconds * 1000, patience.signal).then(() => undefined);
  const first = await Promise.race([ending, over]);
  patience.abort();
  const { startTime, closeTime = new Date() } = await handle.describe();
  const tookMs = closeTime.getTime() - startTime.getTime();
  if (!first) {
    const reason = `not over after ${patienceSeconds} s`;
    const lines = await excerpt(client, workflowId);
    await handle.terminate(reason);
    await ending;
    return { wanted, end: 'hung', reason, tookMs, excerpt: lines };
  }
  const { disturbance, error } = first;
  const judged = judge(wanted, error, disturbance);
  const lines = judged.end === 'failed' ? await excerpt(client, workflowId) : [];
  return { wanted, ...judged, ...(disturbance ? { disturbance } : {}), tookMs, excerpt: lines };
}

function prefixed(prefix: string, counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [prefix + name, count]));
}

/** Only this finds what was started for a workflow that was terminated, by a worker that was killed. */
async function sweep({ client, taskQueue }: World): Promise<string[]> {
  const args = [{ policy: 'stop', olderThan: '1 second' }];
  const options = { workflowId: `${taskQueue}/sweep`, taskQueue, args, workflowExecutionTimeout: '2 minutes' } as const;
  return client.workflow.execute('sweepOrphans', options).then(
    () => [],
    (error: unknown) => [`the sweep: ${error instanceof Error ? error.message : 'it failed'}`],
  );
}

/** Steps of what was terminated, or timed out, see to their requests still, and what the sweep stops takes a moment. */
async function untilNothingRuns({ client, emulator, taskQueue }: World): Promise<void> {
  // Who follows what the service can never show goes on for a day.
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running' AND WorkflowType != 'followExecution'`;
  const until = Date.now() + LONGEST_END_MS;
  while (Date.now() < until) {
    const { count } = await client.workflow.count(query);
    if (count === 0 && !emulator.ledger().executions.some(({ status }) => isLive(status))) return;
    await sleep(500);
  }
}
