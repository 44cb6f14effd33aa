import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Progress } from '../../src/domain/progress.js';
import { runCli, startCli } from '../helpers/cli.js';
import { openWorkplace, PRODUCT_TASK, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-retry-'));
  place = await openWorkplace({
    emulator: { scenario: { seconds: 0, tasks: [{ name: 'Breaks', status: 'failed' }] } },
  });
  env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
  await place.startWorker();
});

afterAll(async () => {
  await place.close();
  await rm(directory, { recursive: true, force: true });
});

async function failed(name: string, steps: object): Promise<string> {
  const file = join(directory, `${name}.json`);
  await writeFile(file, JSON.stringify({ name, steps }));
  expect(await runCli(['run', file, '--key', 'k'], { env })).toMatchObject({ code: 1 });
  return `pipeline/${name}/k`;
}

describe('retry', () => {
  it('goes on from what is paid for, keeps what ended well, and pays again only with --rerun', async () => {
    const first = { task: { ...PRODUCT_TASK, name: 'First' } };
    const id = await failed('broken-and-retried', {
      first,
      second: { task: { ...PRODUCT_TASK, name: 'Breaks' }, after: 'first' },
    });
    const again = await runCli(['retry', id], { env });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining(`${id} goes on\n`) });
    const progress: Progress = await place.client.workflow.getHandle(id).query('progress');
    expect(progress.steps).toMatchObject({ first: { kept: true, rows: 20 }, second: { state: 'failed' } });
    expect(again.stdout).toContain('to pay for it again: titanflow retry --rerun');
    expect(place.emulator.ledger().billed).toBe(2);

    place.emulator.setScenario({ seconds: 0 });
    const { code, stdout } = await runCli(['retry', id, '--rerun', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ workflowId: id, kind: 'completed', runs: { first: {}, second: {} } });
    expect(place.emulator.ledger().billed).toBe(3);
    expect(await runCli(['retry', id], { env })).toEqual({
      code: 2,
      stdout: '',
      stderr: `titanflow: ${id} ended well: there is nothing to retry\n`,
    });
  });

  it('says of a run that a gate holds how to publish it as it is', async () => {
    const held = { task: { ...PRODUCT_TASK, name: 'Held' }, expect: { minRows: 100 } };
    const id = await failed('held-and-retried', { held });
    const detached = startCli(['retry', id, '--detach', '--json'], { env });
    expect(await detached.ended).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ workflowId: id })}\n`,
      stderr: `${id} goes on\na gate had held it, and judges it again; to publish it as it is: titanflow release ${id}\n`,
    });
  });
});
