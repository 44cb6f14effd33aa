import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunTaskInput } from '../../src/domain/run.js';
import { runCli } from '../helpers/cli.js';
import { failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-release-'));
  const tasks = [
    { name: '/^Bad/', rows: 40, badRows: 0.1 },
    { name: 'Fails', status: 'failed' },
    { name: 'Runs', seconds: 600 },
  ];
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, tasks } } });
  env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

function taskOf(name: string): RunTaskInput['task'] {
  const properties = { sku: { type: 'string' }, price: { type: 'number' } };
  return {
    name,
    urls: ['https://shop.example'],
    objective: 'Find prices',
    output_schema: { type: 'object', properties },
    execution_type: 'single',
  };
}

/** A step whose gate lets one record in twenty be bad. */
function strict(name: string, table: string): RunTaskInput {
  const publish = [{ store: 'local', table, mode: 'replace' }] as const;
  return { task: taskOf(name), publish, expect: { maxRejected: 0.05 } };
}

async function held(name: string, table: string): Promise<{ workflowId: string; executionId: string }> {
  const { workflowId, result } = await place.titanflow.runTask(randomUUID(), strict(name, table));
  const failure = await failureOf(result());
  expect(failure.type).toBe('ExpectationFailed');
  return { workflowId, executionId: failure.details[0].executionId ?? '' };
}

function resultOf(workflowId: string): Promise<unknown> {
  return place.client.workflow.getHandle(workflowId).result();
}

function exportsOf(executionId: string): number | undefined {
  return place.emulator.ledger().executions.find(({ id }) => id === executionId)?.exports;
}

describe('release', () => {
  it('publishes what a gate held, once, without asking the service for it again', async () => {
    const { workflowId, executionId } = await held('Bad run', 'run');
    const released = await runCli(['release', workflowId, '--json'], { env });
    expect(released).toMatchObject({ code: 0, stderr: expect.stringContaining(`execution/${executionId} released\n`) });
    expect(JSON.parse(released.stdout)).toMatchObject({
      workflowId: `execution/${executionId}`,
      kind: 'completed',
      runs: { run: { published: [{ table: 'run', rows: 36, rejected: 4 }] } },
    });
    expect(await readTable(place.out, 'run')).toHaveLength(36);
    expect(exportsOf(executionId)).toBe(1);
    for (const id of [workflowId, `execution/${executionId}`, executionId]) {
      expect(await runCli(['release', id], { env })).toEqual({
        code: 2,
        stdout: '',
        stderr: `titanflow: execution ${executionId} is published already: 36 rows to local/run\n`,
      });
    }
  });

  it('publishes every step of a pipeline that was held, as the pipeline that owns the tables', async () => {
    const fine: RunTaskInput = { task: taskOf('Good'), publish: [{ store: 'local', table: 'good', mode: 'replace' }] };
    const steps = {
      one: strict('Bad one', 'one'),
      two: strict('Bad two', 'two'),
      fine,
      later: { after: 'one', task: taskOf('Later') },
    };
    const pipeline = { name: 'held-pipeline', steps };
    const { workflowId, result } = await place.titanflow.runPipeline(randomUUID(), { pipeline });
    expect((await failureOf(result())).message).toContain('titanflow release execution/');
    const released = await runCli(['release', workflowId], { env });
    expect(released.code).toBe(0);
    expect(released.stdout).toContain('local/one (replace)');
    expect(released.stdout).toContain('local/two (replace)');
    expect(released.stdout).toContain('✓ released and completed, 112 rows');
    expect(await readTable(place.out, 'one')).toHaveLength(36);
    expect(await readTable(place.out, 'two')).toHaveLength(36);
    expect(await resultOf(workflowId)).toMatchObject({ steps: { one: {}, two: {}, fine: {}, later: {} } });
    expect(['Bad one', 'Bad two', 'Good', 'Later'].map((name) => place.executionsOf(name).length)).toEqual([
      1, 1, 1, 1,
    ]);
    const again = await runCli(['release', workflowId], { env });
    expect(again.code).toBe(2);
    expect(
      again.stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/[\da-f-]{36}/, 'ID')),
    ).toEqual([
      'titanflow: execution ID is published already: 36 rows to local/one',
      'titanflow: execution ID is published already: 36 rows to local/two',
      'titanflow: execution ID is published already: 20 rows to local/good',
      'titanflow: execution ID ended well and had nothing to publish',
    ]);
    const owned = await place.titanflow.runPipeline(randomUUID(), {
      pipeline: { name: 'held-pipeline', steps: { one: { ...strict('Good again', 'one') } } },
    });
    expect(await owned.result()).toMatchObject({ steps: { one: { published: [{ rows: 20 }] } } });
  });

  it('can be tried again when a store did not take it', async () => {
    const { executionId } = await held('Bad store', 'broken');
    await mkdir(join(place.out, 'broken'), { recursive: true });
    await writeFile(join(place.out, 'broken', '_manifest.json'), 'no manifest');
    const refused = await runCli(['release', executionId], { env });
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('StoreRejected: ') });
    await rm(join(place.out, 'broken'), { recursive: true });
    expect((await runCli(['release', executionId], { env })).code).toBe(0);
    expect(await readTable(place.out, 'broken')).toHaveLength(36);
  });

  it('happens once, however many start it at once', async () => {
    const { workflowId } = await held('Bad race', 'race');
    const runs = await Promise.all([1, 2, 3].map(() => runCli(['release', workflowId], { env })));
    expect(runs.map(({ code }) => code).toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 2, 2]);
    expect(await readTable(place.out, 'race')).toHaveLength(36);
  });

  it('says why there is nothing to release', async () => {
    expect(await runCli(['release', 'nobody'], { env })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'titanflow: there is no workflow and no followed execution "nobody"\n',
    });
    const failed = await place.titanflow.runTask(randomUUID(), { task: taskOf('Fails') });
    await failureOf(failed.result());
    const notHeld = await runCli(['release', failed.workflowId], { env });
    expect(notHeld).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^titanflow: execution \S+ is not held by a gate: ExecutionFailed: [^\n]*\n$/),
    });
    const running = await place.titanflow.runTask(randomUUID(), { task: taskOf('Runs') });
    expect(await runCli(['release', running.workflowId], { env })).toMatchObject({
      code: 2,
      stderr: `titanflow: ${running.workflowId} still runs; see it with: titanflow status ${running.workflowId}\n`,
    });
    await place.client.workflow.getHandle(running.workflowId).cancel();
    await running.result().catch(() => undefined);
    expect((await runCli(['release', running.workflowId], { env })).stderr).toContain(
      'is not held by a gate: its workflow was cancelled',
    );
  });
});
