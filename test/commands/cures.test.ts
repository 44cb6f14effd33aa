import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runCli } from '../helpers/cli.js';
import { openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

// Each test follows several commands to their end.
vi.setConfig({ testTimeout: 180_000 });

let place: Workplace;
let directory: string;
let env: Record<string, string>;

const GOOD = { seconds: 0, rows: 20, tasks: [{ name: '/^Bad/', rows: 40, badRows: 0.1 }] };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-cures-'));
  place = await openWorkplace({ emulator: { scenario: GOOD } });
  env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    TITANFLOW_STAGING: place.staging,
  };
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

const SCHEMA = { type: 'object', properties: { url: { type: 'string' }, price: { type: 'number' } } };

function step(name: string, changes: object = {}): object {
  const task = { name, urls: ['https://shop.example'], objective: 'Find', output_schema: SCHEMA };
  return { task: { ...task, execution_type: 'single' }, ...changes };
}

function publishTo(table: string): object {
  return { publish: [{ store: 'local', table, mode: 'append' }] };
}

function held(name: string, table: string): object {
  return step(name, { ...publishTo(table), expect: { maxRejected: 0.01 } });
}

async function run(name: string, steps: object, key = 'k') {
  const file = join(directory, `${name.replaceAll(/\W/g, '_')}.json`);
  await writeFile(file, JSON.stringify({ name, steps }));
  return runCli(['run', file, '--key', key], { env });
}

/** Runs the last command that a text tells, as a person would: in a shell. */
async function follow(text: string, command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const found = text.split('\n').flatMap((line) => new RegExp(`titanflow (${command} .*)$`).exec(line)?.[1] ?? []);
  const words = found.at(-1) ?? 'no such command';
  const script = `'${process.execPath}' '${resolve('dist/cli.js')}' ${words}`;
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((done) => {
    execFile('sh', ['-c', script], { env: { PATH, HOME, NO_COLOR: '1', ...env } }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

function paidFor(...names: readonly string[]): number[] {
  return names.map((name) => place.executionsOf(name).length);
}

describe('the command that is printed', () => {
  it.each([
    ['plain', 'k'],
    ['quoted', "two words; and it's $HOME"],
  ])('where a gate holds the first step of two leads to the end (%s)', async (name, key) => {
    const before = paidFor('Bad first', 'After it');
    const failed = await run(
      name,
      {
        first: held('Bad first', `first_${name.length}`),
        second: step('After it', { after: 'first' }),
      },
      key,
    );
    expect(failed.code).toBe(1);
    const released = await follow(failed.stdout, 'release');
    expect(released).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ released and completed, 56 rows') });
    expect(paidFor('Bad first', 'After it').map((count, at) => count - (before[at] ?? 0))).toEqual([1, 1]);
    expect(await readTable(place.out, `first_${name.length}`)).toHaveLength(36);
  });

  it('in the failure of a held step, by its execution, goes on with its pipeline', async () => {
    const failed = await run('by-execution', {
      inner: { pipeline: { name: 'part', steps: { one: held('Bad inner', 'inner') } } },
      two: held('Bad two', 'two'),
      last: step('Last of all', { after: ['inner', 'two'] }),
    });
    const [inner, two] = ['Bad inner', 'Bad two'].map((name) => place.executionsOf(name)[0]?.id);
    const first = await follow(`titanflow release execution/${inner}`, 'release');
    // The other step is judged anew: nobody has released it.
    expect(first).toMatchObject({ code: 1, stdout: expect.stringContaining(`titanflow release execution/${two}`) });
    expect(await readTable(place.out, 'inner')).toHaveLength(36);
    expect(failed.stdout).toContain('2 steps failed');
    const second = await follow(first.stdout, 'release');
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ released and completed') });
    expect(paidFor('Bad inner', 'Bad two', 'Last of all')).toEqual([1, 1, 1]);
    expect(await readTable(place.out, 'inner')).toHaveLength(36);
  });

  it('where a store refused a step, once that is mended, leads to the end', async () => {
    const manifest = join(place.out, 'broken', '_manifest.json');
    await mkdir(join(place.out, 'broken'), { recursive: true });
    const slow = { seconds: 3, rows: 20 };
    place.emulator.setScenario(slow);
    const running = run('store', {
      one: step('Store one', publishTo('broken')),
      two: step('Store two', { after: 'one' }),
    });
    await expect.poll(() => paidFor('Store one')[0], { timeout: 20_000 }).toBe(1);
    await writeFile(manifest, 'no manifest');
    const failed = await running;
    place.emulator.setScenario(GOOD);
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('StoreRejected') });
    await rm(manifest);
    const retried = await follow(failed.stdout, 'retry');
    expect(retried).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ completed, 40 rows') });
    expect(paidFor('Store one', 'Store two')).toEqual([1, 1]);
  });

  it('where batches failed pays for those, and leads to the end of the pipeline', async () => {
    const task = { name: 'Batch', urls: '${batch}', objective: 'x', output_schema: SCHEMA, execution_type: 'single' };
    const each = { forEach: { rowsOf: 'find', field: 'url', batch: 5, parallel: 1 }, task, ...publishTo('batches') };
    place.emulator.setScenario({ seconds: 0, rows: 20, tasks: [{ name: '/^Batch/', status: 'failed', error: 'no' }] });
    const failed = await run('batches', { find: step('Find'), each, last: step('Last', { after: 'each' }) });
    place.emulator.setScenario(GOOD);
    expect(failed.stdout).toContain('4 of 4 batches failed; nothing was published');
    // The step's own command, which stands in its failure.
    const command = /pay for what is missing only: (titanflow retry \S+)/.exec(failed.stdout)?.[1] ?? '';
    const retried = await follow(command, 'retry');
    expect(retried.code).toBe(0);
    expect(retried.stdout).toMatch(/✓ completed, .*14 executions paid, 8 of them repeated/);
    expect(paidFor('Find', 'Batch', 'Last')).toEqual([1, 12, 1]);
  });

  it('where the service failed a run pays for it again, and only for that', async () => {
    place.emulator.setScenario({ ...GOOD, tasks: [{ name: '/^Breaks/', status: 'failed', error: 'no' }] });
    const failed = await run('service', { one: step('Fine'), two: step('Breaks', { after: 'one' }) });
    place.emulator.setScenario(GOOD);
    const unpaid = await runCli(['retry', 'pipeline/service/k/two'], { env });
    expect(unpaid).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('titanflow retry --rerun pipeline/service/k'),
    });
    expect(paidFor('Fine', 'Breaks')).toEqual([1, 1]);
    const again = await follow(failed.stdout, 'retry --rerun');
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('3 executions paid, 1 of them repeated');
    expect(paidFor('Fine', 'Breaks')).toEqual([1, 2]);
  });
});
