import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { searchAttributes } from '../../src/workflows/search-attributes.js';
import { runCli, startCli, type RunningCli } from '../helpers/cli.js';
import { ended, findRows, SCRAPE, startStep } from '../helpers/for-each.js';
import { CANARY, failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
const workers: RunningCli[] = [];

beforeAll(async () => {
  const tasks = [
    { name: 'Find', seconds: 0, rows: 24 },
    { name: 'First', seconds: 0, rows: 6 },
    { name: 'Held', seconds: 0, rows: 5 },
  ];
  place = await openWorkplace({ emulator: { scenario: { seconds: 4, rows: 5, tasks } } });
  const stores = { stores: { local: { kind: 'files', directory: place.out, format: 'jsonl' } } };
  await writeFile(join(place.out, '..', 'stores.yaml'), JSON.stringify(stores));
});

afterAll(async () => {
  for (const { child, ended } of workers) {
    child.kill('SIGKILL');
    await ended;
  }
  await place.close();
});

/** A worker on a machine of its own. */
async function startMachine(name: string): Promise<RunningCli> {
  const worker = startCli(['worker'], { env: environment(name), cwd: join(place.out, '..') });
  workers.push(worker);
  await worker.says('working on task queue');
  return worker;
}

function diskOf(name: string): string {
  return join(place.out, '..', name);
}

function environment(machine: string): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TITANFLOW_TASK_QUEUE: place.config.taskQueue,
    TITANFLOW_STAGING: diskOf(machine),
    TITANFLOW_STORES: join(place.out, '..', 'stores.yaml'),
    TITAN_API_URL: place.config.titan.url,
    TITAN_TOKEN: CANARY,
    TITAN_RPM: '0',
  };
}

const FOUND = { type: 'object', properties: { url: { type: 'string' }, shop: { type: 'string' } } };

/** A step with that name, which publishes to a table of that name. */
function step(rows: Parameters<typeof startStep>[1], name: string, changes: object = {}, task: object = {}) {
  return startStep(place, rows, {
    task: { ...SCRAPE, name, ...task },
    forEach: { batch: 3, parallel: 4 },
    options: { publish: [{ store: 'local', table: name.toLowerCase(), mode: 'append' }] },
    ...changes,
  });
}

it('a step whose machine and disk are gone is staged again by another one, and nothing is paid for twice', async () => {
  const first = await startMachine('one');
  const rows = await findRows(place, 'Find');
  const before = await ended(step(rows, 'First', {}, { output_schema: FOUND }));
  expect(before).toMatchObject({ batches: 8, completed: 8 });
  const run = `pipeline/products/${randomUUID()}/held`;
  const held = { run, options: { expect: { maxRejected: 0, minRows: 1_000 }, publish: [] } };
  expect(await failureOf(ended(step(rows, 'Held', held)))).toMatchObject({ type: 'ExpectationFailed' });
  const midway = await step(rows, 'Midway');
  await vi.waitFor(() => expect(place.executionsOf('Midway').length).toBeGreaterThan(5), 60_000);

  first.child.kill('SIGKILL');
  await first.ended;
  await rm(diskOf('one'), { recursive: true });
  await startMachine('two');
  const next = await step([{ run: before.run }], 'Next');
  const again = await step(rows, 'Held', {
    run,
    options: { publish: [{ store: 'local', table: 'held', mode: 'append' }] },
  });

  await vi.waitFor(async () => {
    const { stdout } = await runCli(['status', next.workflowId], { env: environment('two') });
    expect(stdout).toMatch(/nobody serves staging directory \w+ \(task queue \S+\) since \S+; start a worker with/);
    expect(stdout).toMatch(/exported again elsewhere at 20/);
  }, 40_000);
  const { stdout } = await runCli(['doctor', '--json'], { env: environment('two') });
  expect(stdout).toContain('nobody serves staging directory');

  expect(await midway.result()).toMatchObject({ batches: 8, completed: 8, executions: 8, published: [{ rows: 40 }] });
  expect(await next.result()).toMatchObject({ published: [{ inserted: expect.any(Number) }] });
  expect(await again.result()).toMatchObject({ batches: 8, completed: 8, executions: 0, published: [{ rows: 40 }] });
  expect(place.executionsOf('Midway')).toHaveLength(8);
  expect(place.executionsOf('First')).toHaveLength(8);
  expect(place.executionsOf('Held')).toHaveLength(8);
  expect(await readTable(place.out, 'midway')).toHaveLength(40);
  expect(await readTable(place.out, 'held')).toHaveLength(40);
  const { typedSearchAttributes } = await midway.describe();
  expect(typedSearchAttributes.get(searchAttributes.status)).toBe('completed');
}, 420_000);
