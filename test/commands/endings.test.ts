import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runCli } from '../helpers/cli.js';
import { openWorkplace, type Workplace } from '../helpers/workplace.js';

// Each test runs several commands.
vi.setConfig({ testTimeout: 180_000 });

let place: Workplace;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'titanflow-endings-'));
  const tasks = [
    { name: '/^Mostly bad/', rows: 100, badRows: 0.95 },
    { name: '/^Bad/', rows: 40, badRows: 0.1 },
    { name: '/^Fails/', status: 'failed', error: 'no' },
  ];
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 20, tasks } } });
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

const SCHEMA = { type: 'object', properties: { sku: { type: 'string' }, price: { type: 'number' } } };

function step(name: string, changes: object = {}): object {
  const task = { name, urls: ['https://shop.example'], objective: 'Find', output_schema: SCHEMA };
  return { task: { ...task, execution_type: 'single' }, ...changes };
}

async function run(name: string, steps: object, ...args: readonly string[]) {
  const file = join(directory, `${name}.json`);
  await writeFile(file, JSON.stringify({ name, steps }));
  return runCli(['run', file, '--key', 'k', ...args], { env });
}

/** All that is shown of a run that has ended: by `run`, `status`, `list`, and in the Web UI. */
async function shownOf(id: string) {
  const [status, listed] = [await runCli(['status', id], { env }), await listedAs(id)];
  const details = await place.client.workflow.getHandle(id).query<string>('__temporal_workflow_metadata');
  return { status: status.stdout, listed, details: JSON.stringify(details) };
}

/** The list is a moment behind. */
async function listedAs(id: string): Promise<string> {
  const line = async (): Promise<string> => {
    const { stdout } = await runCli(['list', '--limit', '100'], { env });
    return stdout.split('\n').find((each) => each.startsWith(`${id} `) && !each.includes(' running ')) ?? '';
  };
  await expect.poll(line, { timeout: 20_000 }).not.toBe('');
  return line();
}

function publishTo(table: string, changes: object = { mode: 'append' }): object {
  return { publish: [{ store: 'local', table, ...changes }] };
}

function lastLine(stdout: string): string | undefined {
  return stdout.trimEnd().split('\n').at(-1);
}

describe('what a person sees at the end', () => {
  it('says of a run in which all is good how many rows are new, and what was paid', async () => {
    const good = await run('good', { one: step('Good', publishTo('good')) });
    const sentence = '✓ completed, 20 rows, 1 execution paid';
    expect([good.code, lastLine(good.stdout)]).toEqual([0, sentence]);
    expect(good.stderr).toMatch(/\none: completed, 20 rows, [\d.]+ s\n/);
    const { status, listed, details } = await shownOf('pipeline/good/k');
    expect(lastLine(status)).toBe(sentence);
    expect(listed).toMatch(/ completed .* 20 +completed +20 new; 1 execution paid$/);
    expect(details).toContain('| of them | 20 new |');
    expect(details).toContain('| paid for | 1 execution paid |');
  });

  it('warns where most was rejected, with the command that shows why, and ends with 0', async () => {
    const bad = await run('bad', { one: step('Mostly bad', publishTo('bad')) });
    const [execution] = place.executionsOf('Mostly bad');
    const cure = `titanflow rejects show ${execution?.id}`;
    const sentence = `! completed, 5 rows, 1 execution paid; 95 of 100 records were rejected: ${cure}`;
    expect([bad.code, lastLine(bad.stdout)]).toEqual([0, sentence]);
    expect(bad.stdout).toContain('5 new, 95 rejected');
    expect(bad.stderr).toContain(`one: completed, 5 rows, `);
    expect(bad.stderr).toContain(`; 95 of 100 records were rejected: ${cure}\n`);
    const { status, listed, details } = await shownOf('pipeline/bad/k');
    expect(lastLine(status)).toBe(sentence);
    expect(listed.endsWith(`! 5 new, 95 rejected: ${cure}; 1 execution paid`)).toBe(true);
    expect(details).toContain(`**!** 95 of 100 records were rejected: ${cure}`);
    const shown = await runCli(cure.split(' ').slice(1), { env });
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('/price: must be number') });
    const watched = await runCli(['watch', 'pipeline/bad/k', '--json'], { env });
    expect(JSON.parse(watched.stdout)).toMatchObject({
      kind: 'completed',
      warning: true,
      tallies: { one: { records: 100, rows: 5, inserted: 5, rejected: 95, rejectsOf: execution?.id, executions: 1 } },
      words: [sentence.slice(2)],
    });
  });

  it('counts what is rejected where nothing is published', async () => {
    const fed = await run('fed', { one: step('Mostly bad too') });
    expect(lastLine(fed.stdout)).toContain('! completed, 5 rows, 1 execution paid; 95 of 100 records');
  });

  it('counts values that are no URLs, in the end and in the failure of what they leave nothing for', async () => {
    const schema = { type: 'object', properties: { title: { type: 'string' }, url: { type: 'string' } } };
    const task = { urls: ['https://shop.example'], objective: 'x', output_schema: schema, execution_type: 'single' };
    const each = (field: string): object => ({
      forEach: { rowsOf: 'find', field, batch: 10 },
      task: { ...task, name: `By ${field}`, urls: '${batch}' },
      ...publishTo(`by_${field}`),
    });
    const none = await run('no-urls', { find: { task: { ...task, name: 'Find titles' } }, each: each('title') });
    expect(none.code).toBe(1);
    // Titles are made at random: two may be the same.
    expect(none.stdout).toMatch(/; values passed over that are no URLs: (?:1\d|20); nothing was published/);
    expect(place.executionsOf('By title')).toEqual([]);
    const status = await runCli(['status', 'pipeline/no-urls/k/each', '--json'], { env });
    expect(JSON.parse(status.stdout)).toMatchObject({ outcome: { held: true } });
  });

  it('warns where most rows are duplicates', async () => {
    const schema = { type: 'object', properties: { in_stock: { type: 'boolean' } } };
    const task = { name: 'Same', urls: ['https://shop.example'], objective: 'x', output_schema: schema };
    const merge = publishTo('same', { mode: 'merge', key: ['in_stock'] });
    const same = await run('same', { one: { task: { ...task, execution_type: 'single' }, ...merge } });
    expect(lastLine(same.stdout)).toMatch(
      /^! completed, 20 rows \([12] new, (19|18) duplicates\), 1 execution paid; (19|18) of 20 rows were duplicates$/,
    );
    expect(await listedAs('pipeline/same/k')).toMatch(/! [12] new, 1[89] duplicates; 1 execution paid$/);
  });

  it('says of a held run what holds it and how to publish it, and of a released one that it was', async () => {
    const strict = { ...publishTo('held'), expect: { maxRejected: 0.01 } };
    const held = await run('held', { one: step('Bad', strict) });
    const [execution] = place.executionsOf('Bad');
    expect(held.code).toBe(1);
    const [head, ...rest] = held.stdout.trimEnd().split('\n');
    expect(head).toBe('! held by a gate: nothing of it was published');
    expect(rest.slice(-2)).toEqual([
      '  publish it as it is: titanflow release pipeline/held/k',
      `  see its rejects: titanflow rejects show ${execution?.id}`,
    ]);
    expect(await listedAs('pipeline/held/k')).toMatch(
      / failed .*! held by a gate: titanflow release pipeline\/held\/k$/,
    );
    const json = await runCli(['status', 'pipeline/held/k', '--json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject({
      outcome: { held: true, next: [{ command: 'titanflow release pipeline/held/k' }, {}] },
    });

    const released = await runCli(['release', 'pipeline/held/k'], { env });
    const sentence = `✓ released and completed, 36 rows, 1 execution paid; 4 of 40 records were rejected: titanflow rejects show ${execution?.id}`;
    expect([released.code, lastLine(released.stdout)]).toEqual([0, sentence]);
    expect(lastLine((await runCli(['status', 'pipeline/held/k'], { env })).stdout)).toBe(sentence);
    await expect
      .poll(() => listedAs('pipeline/held/k'), { timeout: 20_000 })
      .toContain('released, 36 new, 4 rejected: titanflow rejects show');
  });

  it('says of many failed steps one sentence and a list, and what to do', async () => {
    const steps = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`s${at}`, step(`Fails ${at}`)]));
    const failed = await run('fails', steps);
    const lines = failed.stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('StepFailed: 12 steps failed');
    expect(lines.filter((line) => line.startsWith('  - step "s'))).toHaveLength(10);
    expect(lines).toContain('  - and 2 more');
    expect(lines.at(-1)).toBe('  pay for it again: titanflow retry --rerun pipeline/fails/k');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(250);
  });
});
