import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { RunForEachInput } from '../../src/domain/for-each.js';
import { createNeeds } from '../../src/worker/needed-runs.js';
import { runCli } from '../helpers/cli.js';
import { ended, findRows, SCRAPE, startStep } from '../helpers/for-each.js';
import { failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let rows: RunForEachInput['rows'];
let nothing: RunForEachInput['rows'];

const replace = (table: string) => ({ publish: [{ store: 'local', table, mode: 'replace' }] }) as const;

beforeAll(async () => {
  const tasks = [
    { name: 'Find', rows: 20 },
    { name: 'Find nothing', rows: 0 },
    { name: '/^Bad/', rows: 10, badRows: 0.2 },
  ];
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 3, tasks } } });
  await place.startWorker();
  rows = await findRows(place, 'Find');
  nothing = await findRows(place, 'Find nothing');
});

afterAll(() => place.close());

it('holds all batches of a step together, and release publishes them once and pays for nothing', async () => {
  const env = { TEMPORAL_ADDRESS: inject('temporalAddress'), TITANFLOW_TASK_QUEUE: place.config.taskQueue };
  const stores = join(place.out, '..', 'stores.yaml');
  await writeFile(stores, JSON.stringify({ stores: place.config.stores }));
  const properties = { title: { type: 'string' }, price: { type: 'number' } };
  const task = { ...SCRAPE, name: 'Bad', output_schema: { type: 'object', properties } };
  const options = { ...replace('held'), expect: { maxRejected: 0.01 } };
  const step = await startStep(place, rows, { task, options });
  const failure = await failureOf(step.result());
  expect(failure.type).toBe('ExpectationFailed');
  expect(failure.message).toMatch(/^all 4 batches: \d+ of 40 records were rejected .*titanflow release pipeline\//);
  await expect(readTable(place.out, 'held')).rejects.toMatchObject({ code: 'ENOENT' });

  const reading = { ...env, TITANFLOW_STAGING: place.staging, TITANFLOW_STORES: stores };
  const staged = await runCli(['rejects', 'list', '--json'], { env: reading });
  const [{ rejected, ...listed }, ...others] = JSON.parse(staged.stdout) as [{ rejected: number }];
  expect([listed, others]).toEqual([{ run: step.workflowId, records: 40, staged: true }, []]);
  const shown = await runCli(['rejects', 'show', step.workflowId, '--limit', '0', '--json'], { env: reading });
  expect(shown.stdout.trim().split('\n')).toHaveLength(rejected);

  const isNeeded = createNeeds(place.client);
  const kept = () => Promise.all([step.workflowId, place.executionsOf('Bad')[0]?.id ?? ''].map(isNeeded));
  expect(await kept()).toEqual([true, true]);

  const released = await runCli(['release', step.workflowId, '--json'], { env });
  expect(released).toMatchObject({ code: 0, stderr: expect.stringContaining(`${step.workflowId} released\n`) });
  const { runs } = JSON.parse(released.stdout) as { runs: { run: { records: number; rejected: number } } };
  expect(runs.run).toMatchObject({ batches: 4, records: 40 });
  expect(await readTable(place.out, 'held')).toHaveLength(40 - runs.run.rejected);
  expect(place.executionsOf('Bad').map(({ exports }) => exports)).toEqual([1, 1, 1, 1]);
  expect(await kept()).toEqual([false, false]);
  const twice = await runCli(['release', step.workflowId], { env });
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('is published already') });
});

it('replaces a table by the rows of all batches, and by none where that is fine', async () => {
  await ended(startStep(place, rows, { options: replace('replaced') }));
  await ended(startStep(place, rows, { options: replace('replaced'), forEach: { max: 10 } }));
  expect(await readTable(place.out, 'replaced')).toHaveLength(6);

  const held = await failureOf(ended(startStep(place, nothing, { options: replace('replaced') })));
  expect(held).toMatchObject({ type: 'ExpectationFailed' });
  const options = { ...replace('replaced'), expect: { minRows: 0 } };
  expect(await ended(startStep(place, nothing, { options }))).toMatchObject({ batches: 0, published: [{ rows: 0 }] });
  expect(await readTable(place.out, 'replaced')).toEqual([]);
});
