import type { Client } from '@temporalio/client';
import { createTitanflowClient } from '../client/titanflow-client.js';
import { openPlayground, type Playground } from '../dev/playground.js';
import type { Json } from '../domain/json.js';
import { shellCommand } from '../domain/shell-command.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { publishedBy } from '../domain/step-result.js';
import { withClient } from './connect.js';
import { follow } from './follow.js';
import { onDecisions } from './interrupts.js';
import { exitCodeOf, outcomeOf } from './outcome.js';
import { readParams, readPipeline } from './read-pipeline.js';
import { timeSortedKey } from './run.js';
import { showOutcome } from './show-outcome.js';
import { showRows } from './show-rows.js';
import { stopPaidRuns } from './stop-paid-runs.js';
import { print, say } from './terminal.js';

export interface DevOptions {
  readonly live: boolean;
  readonly param: readonly string[];
}

interface DevRun {
  readonly file: string;
  readonly pipeline: PipelineSpec;
  readonly params: Readonly<Record<string, Json>>;
  readonly live: boolean;
}

/** `titanflow dev [FILE]`: everything on this machine; with a file, runs it, shows where the rows are, and ends. */
export async function dev(file: string | undefined, options: DevOptions): Promise<void> {
  const run = file === undefined ? undefined : await readRun(file, options);
  const stops: Stops = { stopped: new AbortController(), hurried: new AbortController() };
  const { signal } = stops.stopped;
  // A terminal that is closed takes our words with it, and not what is still to be done.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  onDecisions(['SIGINT', 'SIGTERM', 'SIGHUP'], (count) => {
    stops.stopped.abort();
    if (count > 1) stops.hurried.abort();
  });

  try {
    const playground = await openPlayground({ live: options.live, say, signal });
    try {
      if (playground.keptIn !== undefined)
        say(`State         kept in ${playground.keptIn}: what is broken off goes on the next time`);
      if (options.live) await tellOfEarlierRuns(playground);
      if (run) process.exitCode = await runOnce(playground, run, stops);
      else await serve(playground, stops, options.live);
    } finally {
      await playground.stop();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    say(options.live ? 'stopped' : 'stopped: nothing is left running');
    if (run) process.exitCode = 1;
  }
}

/** The first Ctrl-C stops what runs; the second one waits for nothing. */
interface Stops {
  readonly stopped: AbortController;
  readonly hurried: AbortController;
}

/** Runs that an earlier `dev` has left go on as soon as there is a worker. */
async function tellOfEarlierRuns({ config, keptIn }: Playground): Promise<void> {
  if (keptIn === undefined) return;
  await withClient(config, async (client) => {
    const { count } = await client.workflow.count("ExecutionStatus = 'Running'");
    if (count > 0)
      say(`${count} workflows of an earlier session go on: see them with titanflow list, or in the Web UI`);
  });
}

async function readRun(file: string, { live, param }: DevOptions): Promise<DevRun> {
  const pipeline = await readPipeline(file);
  return { file, pipeline, params: readParams(file, pipeline, param), live };
}

async function runOnce(playground: Playground, run: DevRun, stops: Stops): Promise<number> {
  const { config } = playground;
  const { pipeline, params, file, live } = run;
  const { signal } = stops.stopped;
  return withClient(config, async (client) => {
    const titanflow = createTitanflowClient({ client, taskQueue: config.taskQueue });
    const { workflowId } = await titanflow.runPipeline(timeSortedKey(), { pipeline, params });
    say(`\n${workflowId}`);
    const { outcome, steps } = await follow(client, workflowId, signal).catch(async (error: unknown) => {
      if (signal.aborted && live) await stopPaid(client, playground, stops, workflowId);
      else if (signal.aborted) await cancel(client, workflowId);
      throw error;
    });
    print(`\n${showOutcome({ workflowId, outcome, steps, endsHere: playground.ownsTemporal && !live })}`);
    if (outcome.kind === 'completed') {
      const published = Object.values(outcome.runs).flatMap(publishedBy);
      for (const text of await showRows(config.stores, published)) print(`\n${text}`);
    }
    const again = `TITAN_TOKEN=<your token> npx ${shellCommand('dev', file)} --live`;
    if (!live) print(`\nWith the real service (runs are billed):\n  ${again}`);
    return exitCodeOf(outcome);
  });
}

/** Stops what was paid for: our own Temporal server ends with us. On somebody else's, only the given run is ours. */
function stopPaid(
  client: Client,
  { config, keptIn, ownsTemporal }: Playground,
  stops: Stops,
  run?: string,
): Promise<void> {
  const { titan } = config;
  const runs = { client, titan, say, keptIn, signal: stops.hurried.signal };
  return stopPaidRuns(runs, ownsTemporal ? undefined : run);
}

const CANCELS_WITHIN_MS = 20_000;

/** Cancels a run of which nothing is billed, and waits no longer than a cancellation usually takes. */
async function cancel(client: Client, workflowId: string): Promise<void> {
  say('stopping the run and its executions');
  try {
    await client.withAbortSignal(AbortSignal.timeout(CANCELS_WITHIN_MS), async () => {
      await client.workflow.getHandle(workflowId).cancel();
      await outcomeOf(client, workflowId);
    });
  } catch {
    say(`the run did not end in ${CANCELS_WITHIN_MS / 1_000} s: see that its executions are stopped`);
  }
}

async function serve(playground: Playground, stops: Stops, live: boolean): Promise<void> {
  const { config, worker, ownsTemporal } = playground;
  const { signal } = stops.stopped;
  say(`Worker        on task queue ${worker.taskQueue} (Ctrl-C stops everything)`);
  const address = config.temporal.connectionOptions.address;
  say(`\nIn another terminal:\n  TEMPORAL_ADDRESS=${address} npx titanflow run examples/product-prices.yaml`);
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([stopped, worker.ended]);
  if (!live || !signal.aborted) return;
  if (ownsTemporal) await withClient(config, (client) => stopPaid(client, playground, stops));
  else say('runs on this Temporal server wait for another worker: their executions go on, and are billed');
}
