import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.js';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'titanflow-validate-'));
  await writeFile(join(cwd, 'warehouse.yaml'), publishingTo('warehouse'));
  await writeFile(
    join(cwd, 'known.yaml'),
    'stores:\n  warehouse: { kind: postgres, url: "${NOT_SET_HERE}" }\n  out: { kind: files, directory: out }\n',
  );
  await writeFile(join(cwd, 'broken.yaml'), 'stores:\n  warehouse: { kind: postgress, url: x }\n');
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

function publishingTo(store: string): string {
  return `name: x\nsteps:\n  a:\n    task: { id: t }\n    publish: [{ store: ${store}, table: t, mode: append }]\n`;
}

function validate(file: string, env: Readonly<Record<string, string>> = {}) {
  return runCli(['validate', file], { cwd, env });
}

describe('validate reads the stores file as workers do', () => {
  it('and takes a store whose settings this machine does not know', async () => {
    expect(await validate('warehouse.yaml', { TITANFLOW_STORES: 'known.yaml' })).toEqual({
      code: 0,
      stdout: 'warehouse.yaml: pipeline "x" is fine: 1 step (a)\n',
      stderr: '',
    });
  });

  it.each([
    [
      {},
      'warehouse.yaml:5:24: steps.a.publish[0].store: there is no store "warehouse": without a stores file there is only "local"',
    ],
    [{ TITANFLOW_STORES: 'nowhere.yaml' }, 'nowhere.yaml: there is no such file, TITANFLOW_STORES names it'],
    [
      { TITANFLOW_STORES: 'broken.yaml' },
      'broken.yaml:2:22: store "warehouse": "kind" must be "duckdb", "files", "postgres" or "s3", is "postgress"',
    ],
  ])('and says what is wrong with it: %j', async (env, says) => {
    expect(await validate('warehouse.yaml', env)).toEqual({ code: 2, stdout: '', stderr: `titanflow: ${says}\n` });
  });

  it('beside all that is wrong with the pipeline', async () => {
    await writeFile(join(cwd, 'both.yaml'), publishingTo('"", foo: 1'));
    const { stderr } = await validate('both.yaml', { TITANFLOW_STORES: 'broken.yaml' });
    expect(stderr.split('\n').map((line) => line.split(': ')[1])).toEqual([
      'both.yaml:5:24',
      'both.yaml:5:28',
      'broken.yaml:2:22',
      undefined,
    ]);
  });
});

it('validate --json prints one document, and ends as it does without', async () => {
  const good = await runCli(['validate', 'warehouse.yaml', '--json'], { cwd, env: { TITANFLOW_STORES: 'known.yaml' } });
  const bad = await runCli(['validate', 'warehouse.yaml', '--json'], { cwd });

  expect(good.code).toBe(0);
  expect(JSON.parse(good.stdout)).toEqual({ file: 'warehouse.yaml', ok: true, name: 'x', steps: ['a'], problems: [] });
  expect(bad.code).toBe(2);
  expect(JSON.parse(bad.stdout)).toEqual({
    file: 'warehouse.yaml',
    ok: false,
    problems: [
      {
        file: 'warehouse.yaml',
        line: 5,
        column: 24,
        path: ['steps', 'a', 'publish', 0, 'store'],
        message: 'there is no store "warehouse": without a stores file there is only "local"',
      },
    ],
  });
});
