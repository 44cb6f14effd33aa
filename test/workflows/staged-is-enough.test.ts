import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { PipelineSpec, StepSpec } from '../../src/domain/pipeline.js';
import type { RunTaskInput } from '../../src/domain/run.js';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runCli } from '../helpers/cli.js';
import { CANARY, failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

const SCENARIO = { seconds: 0, rows: 40, badRows: 0.1 };

let place: Workplace;
let directory: string;
let env: Record<string, string>;
/** The service that has forgotten everything: none, or one that has just been started. */
let other: Emulator | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-enough-'));
  place = await openWorkplace({ emulator: { scenario: SCENARIO } });
  env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    TITANFLOW_STAGING: place.staging,
    TITANFLOW_STORES: join(directory, 'stores.json'),
    TITAN_API_URL: place.emulator.url,
    TITAN_TOKEN: CANARY,
  };
  await writeFile(env['TITANFLOW_STORES'] ?? '', JSON.stringify({ stores: place.config.stores }));
  await place.startWorker();
});

afterAll(async () => {
  await other?.close();
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

const SCHEMA = { type: 'object', properties: { url: { type: 'string' }, price: { type: 'number' } } };

function task(name: string): Extract<RunTaskInput['task'], { name: string }> {
  return { name, urls: ['https://shop.example'], objective: 'x', output_schema: SCHEMA, execution_type: 'single' };
}

function held(name: string, table: string): StepSpec {
  return {
    task: task(name),
    publish: [{ store: 'local', table, mode: 'append' }],
    expect: { maxRejected: 0.01 },
  };
}

async function heldPipeline(name: string, steps: PipelineSpec['steps']): Promise<string> {
  const { workflowId, result } = await place.titanflow.runPipeline(randomUUID(), { pipeline: { name, steps } });
  expect((await failureOf(result())).message).toContain('ExpectationFailed');
  return workflowId;
}

async function savedTask(name: string): Promise<string> {
  const response = await fetch(`${place.emulator.url}/api/v1/tasks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CANARY}`, 'content-type': 'application/json' },
    body: JSON.stringify(task(name)),
  });
  const { data } = (await response.json()) as { data: { id: string } };
  return data.id;
}

async function deleted(taskId: string): Promise<void> {
  await fetch(`${place.emulator.url}/api/v1/tasks/${taskId}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${CANARY}` },
  });
}

interface Prepared {
  readonly pipeline: string;
  readonly single: string;
  readonly saved: string;
  readonly each: string;
  readonly published: string;
}

async function prepare(suffix: string): Promise<Prepared> {
  const taskId = await savedTask(`Saved ${suffix}`);
  const { publish, expect: gate } = held('', `saved_${suffix}`);
  const byId = { task: { id: taskId }, ...(publish ? { publish } : {}), ...(gate ? { expect: gate } : {}) };
  const saved = await place.titanflow.runTask(randomUUID(), byId);
  await failureOf(saved.result());
  await deleted(taskId);
  const single = await place.titanflow.runTask(randomUUID(), {
    ...byId,
    task: task(`Single ${suffix}`),
    publish: [{ store: 'local', table: `single_${suffix}`, mode: 'append' }],
  });
  await failureOf(single.result());
  const good = await place.titanflow.runTask(randomUUID(), {
    task: task(`Published ${suffix}`),
    publish: [{ store: 'local', table: `published_${suffix}`, mode: 'append' }],
  });
  const { executionId } = await good.result();
  const batches = { task: { ...task(`Batch ${suffix}`), urls: '${batch}' }, forEach: { rowsOf: 'find', field: 'url' } };
  return {
    pipeline: await heldPipeline(`pipeline-${suffix}`, { one: held(`One ${suffix}`, `one_${suffix}`) }),
    each: await heldPipeline(`each-${suffix}`, {
      find: { task: task(`Find ${suffix}`) },
      each: { ...held('', `each_${suffix}`), ...batches },
    }),
    single: single.workflowId,
    saved: saved.workflowId,
    published: executionId,
  };
}

async function releasesAll(suffix: string, { pipeline, single, saved, each, published }: Prepared): Promise<void> {
  // The options are others now: what is staged is judged anew.
  const changed = { coerce: true, expect: { maxRejected: 0.5 } };
  const pipelineFile = {
    name: `pipeline-${suffix}`,
    steps: { one: { ...held(`One ${suffix}`, `one_${suffix}`), ...changed } },
  };
  const again = await place.client.workflow.start('runPipeline', {
    workflowId: `${pipeline}-changed`,
    taskQueue: place.config.taskQueue,
    args: [{ pipeline: pipelineFile, resumeOf: pipeline }],
  });
  expect(await again.result()).toMatchObject({ steps: { one: { published: [{ records: 40, rows: 36 }] } } });
  for (const id of [single, saved, each]) {
    expect(await runCli(['release', id], { env })).toMatchObject({ code: 0 });
  }
  const tables = ['one', 'single', 'saved', 'each'].map((table) => readTable(place.out, `${table}_${suffix}`));
  expect((await Promise.all(tables)).map((rows) => rows.length)).toEqual([36, 36, 36, 36]);
  const replayed = await runCli(['rejects', 'replay', published, '--json'], { env });
  expect(replayed).toMatchObject({ code: 0, stderr: expect.stringContaining('the schema counts by which') });
  expect(JSON.parse(replayed.stdout)).toMatchObject([{ rejected: 4, reasons: { '/price: must be number': 4 } }]);
}

describe('what is staged is enough to go on', () => {
  it('when the service does not answer, and when it has forgotten everything', async () => {
    const [down, forgotten] = [await prepare('down'), await prepare('forgotten')];
    const { port } = place.emulator;
    await place.emulator.close();
    await releasesAll('down', down);
    other = await startEmulator({ port, requestsPerMinute: 0, scenario: SCENARIO });
    await releasesAll('forgotten', forgotten);
    expect(other.ledger().billed).toBe(0);
  }, 300_000);
});
