import type { Client } from '@temporalio/client';
import { createTitanflowClient } from '../client/titanflow-client.js';
import { openPlayground, type Playground } from '../dev/playground.js';
import type { Json } from '../domain/json.js';
import type { PipelineSpec } from '../domain/pipeline.js';
import { publishedBy } from '../domain/step-result.js';
import { withClient } from './connect.js';
import { follow } from './follow.js';
import { exitCodeOf, outcomeOf } from './outcome.js';
import { readParams, readPipeline } from './read-pipeline.js';
import { timeSortedKey } from './run.js';
import { showOutcome } from './show-outcome.js';
import { showRows } from './show-rows.js';
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
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);

  try {
    const playground = await openPlayground({ live: options.live, say, signal: stopped.signal });
    try {
      if (run) process.exitCode = await runOnce(playground, run, stopped.signal);
      else await serve(playground, stopped.signal);
    } finally {
      await playground.stop();
    }
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    say('stopped: nothing is left running');
    if (run) process.exitCode = 1;
  }
}

async function readRun(file: string, { live, param }: DevOptions): Promise<DevRun> {
  const pipeline = await readPipeline(file);
  return { file, pipeline, params: readParams(file, pipeline, param), live };
}

async function runOnce({ config }: Playground, run: DevRun, signal: AbortSignal): Promise<number> {
  const { pipeline, params, file, live } = run;
  return withClient(config, async (client) => {
    const titanflow = createTitanflowClient({ client, taskQueue: config.taskQueue });
    const { workflowId } = await titanflow.runPipeline(timeSortedKey(), { pipeline, params });
    say(`\n${workflowId}`);
    const { outcome, steps } = await follow(client, workflowId, signal).catch(async (error: unknown) => {
      if (signal.aborted) await cancel(client, workflowId);
      throw error;
    });
    print(`\n${showOutcome(workflowId, outcome, steps)}`);
    if (outcome.kind === 'completed') {
      const published = Object.values(outcome.runs).flatMap(publishedBy);
      for (const text of await showRows(config.stores, published)) print(`\n${text}`);
    }
    const again = `TITAN_TOKEN=<your token> npx titanflow dev ${file} --live`;
    if (!live) print(`\nWith the real service (runs are billed):\n  ${again}`);
    return exitCodeOf(outcome);
  });
}

const CANCELS_WITHIN_MS = 20_000;

/** Its Temporal server goes with us: nobody else would ever stop what was paid for. */
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

async function serve({ config, worker }: Playground, signal: AbortSignal): Promise<void> {
  say(`Worker        on task queue ${worker.taskQueue} (Ctrl-C stops everything)`);
  const address = config.temporal.connectionOptions.address;
  say(`\nIn another terminal:\n  TEMPORAL_ADDRESS=${address} npx titanflow run examples/product-prices.yaml`);
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([stopped, worker.ended]);
}
