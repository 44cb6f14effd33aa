import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runCli, startCli } from '../helpers/cli.js';
import { CANARY, openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-cli-'));
  place = await openWorkplace();
  env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
});

afterAll(async () => {
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

function pipelineOf(name: string, step: object): string {
  return JSON.stringify({ name, steps: { only: { task: PRODUCT_TASK, ...step } } });
}

describe('validate', () => {
  it('says that a good file is fine', async () => {
    const run = await runCli(['validate', 'examples/product-prices.yaml']);
    expect(run).toEqual({
      code: 0,
      stderr: '',
      stdout: 'examples/product-prices.yaml: pipeline "product-prices" is fine: 2 steps (find, scrape)\n',
    });
  });

  it('lists every problem of a bad one, with its place, and exits with 2', async () => {
    const text = 'name: x\nsteps:\n  a:\n    task: { id: t1 }\n    publsh: []\n    accept: all\n';
    const file = await fileOf('bad.yaml', text);
    const run = await runCli(['validate', file]);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    const lines = run.stderr.trimEnd().split('\n');
    expect(lines[0]).toBe(`titanflow: ${file}:5:5: steps.a: unknown key "publsh", did you mean "publish"?`);
    expect(lines[1]).toContain(`titanflow: ${file}:6:13: steps.a.accept: `);
  });

  it('accepts the pipeline that the README shows', async () => {
    const readme = await readFile('README.md', 'utf8');
    const file = await fileOf('readme.yaml', /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '');
    expect(await runCli(['validate', file])).toMatchObject({ code: 0 });
  });

  it('says when there is no such file', async () => {
    const run = await runCli(['validate', 'nowhere.yaml']);
    expect(run).toEqual({ code: 2, stdout: '', stderr: 'titanflow: nowhere.yaml: there is no such file\n' });
  });
});

describe('a server that cannot be reached', () => {
  it.each([['run', 'examples/one-task.yaml'], ['status', 'x'], ['cancel', 'x'], ['worker']])(
    'ends %s with 3 and says what to do',
    async (...args) => {
      const nowhere = { TEMPORAL_ADDRESS: '127.0.0.1:9', TITAN_TOKEN: CANARY };
      const run = await runCli(args, { env: nowhere });
      expect(run.code).toBe(3);
      expect(run.stderr).toBe(
        'titanflow: no Temporal server answers at 127.0.0.1:9; start one with `titanflow dev`, or set TEMPORAL_ADDRESS\n',
      );
    },
  );
});

describe('a worker', () => {
  it('names every setting that is wrong', async () => {
    const run = await runCli(['worker'], { env: { ...env, TITAN_API_URL: 'nope', TITAN_AUTH: 'basic' } });
    expect(run.code).toBe(2);
    expect(run.stderr.split('\n')).toEqual([
      'titanflow: TITAN_API_URL must be an origin such as https://api.webscraping.titannet.io',
      'titanflow: TITAN_TOKEN is not set; it holds the JWT or API key of the Task Service',
      'titanflow: TITAN_AUTH must be bearer or x-api-key',
      '',
    ]);
  });

  it('says which line of the stores file names an unset variable', async () => {
    const file = await fileOf('stores.yaml', 'stores:\n  warehouse:\n    kind: postgres\n    url: "${DATABASE_URL}"\n');
    const run = await runCli(['worker'], { env: { ...env, TITAN_TOKEN: CANARY, TITANFLOW_STORES: file } });
    expect(run.code).toBe(2);
    expect(run.stderr).toBe(`titanflow: ${file}:4:5: store "warehouse": DATABASE_URL is not set\n`);
  });
});

describe('run', () => {
  beforeAll(async () => {
    await place.startWorker();
  });

  it('follows a pipeline to its end, shows it, and a key never pays twice', async () => {
    const file = await fileOf(
      'good.json',
      pipelineOf('cli-good', { publish: [{ store: 'local', table: 'good', mode: 'append' }] }),
    );
    const first = await runCli(['run', file, '--key', 'k1'], { env });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/only\s+│ completed │\s+5 │.*local\/good \(append\)/);
    const again = await runCli(['run', file, '--key', 'k1', '--json'], { env });
    expect(again.stderr).toContain('pipeline/cli-good/k1 was started before');
    expect(JSON.parse(again.stdout)).toMatchObject({ kind: 'completed', runs: { only: { status: 'completed' } } });
    expect(place.emulator.ledger().billed).toBe(1);
    const status = await runCli(['status', 'pipeline/cli-good/k1'], { env });
    expect(status.stdout).toContain('pipeline/cli-good/k1: runPipeline, completed, since ');
  });

  it('ends with 1 when the run fails, and says what is left of it', async () => {
    place.emulator.setScenario({ seconds: 1, status: 'failed', error: 'site is down' });
    const file = await fileOf('fails.json', pipelineOf('cli-fails', {}));
    const run = await runCli(['run', file], { env });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('StepFailed: step "only" failed: ExecutionFailed: execution ');
    expect(run.stdout).toContain('ended as failed: site is down');
    expect(run.stdout + run.stderr).not.toMatch(/\n\s+at /);
  });

  it('ends with 2 when the worker has no such store: nothing was started', async () => {
    const file = await fileOf(
      'store.json',
      pipelineOf('cli-store', { publish: [{ store: 'locl', table: 't', mode: 'append' }] }),
    );
    const run = await runCli(['run', file], { env });
    expect(run.code).toBe(2);
    expect(run.stdout).toContain('Did you mean "local"?');
  });

  it('refuses parameters that nobody declared', async () => {
    const run = await runCli(['run', 'examples/product-prices.yaml', '--param', 'qery=x'], { env });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('qery');
  });

  it('is left running by Ctrl-C, and can be cancelled', async () => {
    place.emulator.setScenario({ seconds: 600 });
    const file = await fileOf('long.json', pipelineOf('cli-long', {}));
    const running = startCli(['run', file, '--key', 'long'], { env });
    await running.says('execution');
    running.child.kill('SIGINT');
    const left = await running.ended;
    expect(left).toMatchObject({ code: 0, stderr: expect.stringContaining('titanflow cancel pipeline/cli-long/long') });
    const status = await runCli(['status', 'pipeline/cli-long/long', '--json'], { env });
    expect(JSON.parse(status.stdout)).toMatchObject({ status: 'running', progress: { phase: 'running' } });
    expect(await runCli(['cancel', 'pipeline/cli-long/long'], { env })).toMatchObject({ code: 0 });
    await vi.waitFor(() => expect(place.emulator.ledger().executions.at(-1)?.status).toBe('cancelled'), 20_000);
  });

  it('of an unknown id tells so', async () => {
    expect(await runCli(['status', 'nope'], { env })).toMatchObject({
      code: 2,
      stderr: 'titanflow: there is no workflow "nope" in namespace "default"\n',
    });
  });
});

describe('emulator', () => {
  it('says where it is and how to use it, and ends by Ctrl-C', async () => {
    const running = startCli(['emulator', '--port', '0']);
    await running.says('__ledger');
    running.child.kill('SIGINT');
    const run = await running.ended;
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/TITAN_API_URL=http:\/\/127\.0\.0\.1:\d+ TITAN_TOKEN=emulator/);
  });

  it('refuses a minute of no seconds', async () => {
    const run = await runCli(['emulator', '--port', '0', '--window', '0']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('titanflow: emulator: rateLimit: windowSeconds: ');
  });
});

describe('dev', () => {
  it('ends by Ctrl-C in the middle of a run, and leaves nothing running', async () => {
    const cwd = await mkdtemp(join(directory, 'stopped-'));
    const running = startCli(['dev', resolve('examples/product-prices.yaml')], { cwd });
    await running.says('find: waiting');
    running.child.kill('SIGINT');
    const run = await running.ended;
    expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/\nstopped: nothing is left running\n$/) });
    expect(run.stderr).toContain('stopping the run and its executions\n');
    expect(run.stderr).not.toMatch(/did not end|Warning/);
    const [, address] = /Temporal {6}(\S+),/.exec(run.stderr) ?? [];
    expect(await runCli(['status', 'x'], { env: { TEMPORAL_ADDRESS: address ?? '' } })).toMatchObject({ code: 3 });
  });

  it('ends at once, and leaves nothing running, when a setting is wrong', async () => {
    const cwd = await mkdtemp(join(directory, 'bad-'));
    await writeFile(join(cwd, 'stores.yaml'), 'stores:\n  w:\n    kind: postgres\n    url: "${DATABASE_URL}"\n');
    const run = await runCli(['dev', resolve('examples/one-task.yaml')], { cwd });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('titanflow: stores.yaml:4:5: store "w": DATABASE_URL is not set');
  });

  it('runs a file on servers of its own, shows the rows, and leaves only them', async () => {
    const cwd = await mkdtemp(join(directory, 'dev-'));
    const run = await runCli(['dev', resolve('examples/one-task.yaml')], { cwd });
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/│ completed │/);
    expect(run.stdout).toContain(join(cwd, 'out'));
    expect(run.stdout).toContain('--live');
    expect(run.stderr).toContain('emulator: nothing is billed');
  }, 120_000);
});
