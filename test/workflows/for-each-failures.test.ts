import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunForEachInput } from '../../src/domain/for-each.js';
import { ended, findRows, SCRAPE, startStep } from '../helpers/for-each.js';
import { failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let rows: RunForEachInput['rows'];

const scenario = { seconds: 0, rows: 3, tasks: [{ name: 'Find', rows: 20 }] };
const failing = (name: string) => ({ ...scenario, tasks: [...scenario.tasks, { name, status: 'failed' }] });
const publishTo = (table: string) => ({ publish: [{ store: 'local', table, mode: 'append' }] }) as const;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario } });
  await place.startWorker();
  rows = await findRows(place, 'Find');
});

afterAll(() => place.close());

it('sends a batch that failed once more, and no other one', async () => {
  const task = { ...SCRAPE, name: 'Fails twice' };
  // The first two end badly: whatever is created after them does not.
  place.emulator.setScenario(failing('Fails twice'));
  const step = await startStep(place, rows, { task, forEach: { parallel: 2 }, options: publishTo('twice') });
  await expect.poll(() => place.executionsOf('Fails twice').length, { timeout: 60_000, interval: 20 }).toBe(2);
  place.emulator.setScenario(scenario);
  expect(await step.result()).toMatchObject({ batches: 4, completed: 4, executions: 6, repeated: 2, records: 12 });
  expect(
    place
      .executionsOf('Fails twice')
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual([...Array.from({ length: 4 }, () => 'completed'), ...Array.from({ length: 2 }, () => 'failed')]);
  expect(await readTable(place.out, 'twice')).toHaveLength(12);
});

it('publishes nothing while batches are missing; started again it pays for those only', async () => {
  const task = { ...SCRAPE, name: 'Fails for now' };
  const run = `pipeline/products/${randomUUID()}/scrape`;
  const changes = { task, run, forEach: { parallel: 1 }, options: publishTo('later') };
  const step = await startStep(place, rows, changes);
  await expect.poll(() => place.executionsOf('Fails for now').length, { timeout: 60_000, interval: 20 }).toBe(2);
  place.emulator.setScenario(failing('Fails for now'));
  const failure = await failureOf(step.result());
  expect(failure).toMatchObject({ type: 'ExecutionFailed' });
  expect(failure.message).toMatch(
    /^2 of 4 batches failed; nothing was published.*titanflow retry pipeline\S+\n- batch 3: execution [^\n]* ended as failed[^\n]*\n- batch 4: [^\n]*$/,
  );
  expect(place.executionsOf('Fails for now')).toHaveLength(6);
  await expect(readTable(place.out, 'later')).rejects.toMatchObject({ code: 'ENOENT' });

  place.emulator.setScenario(scenario);
  // Under another workflow id, as a pipeline that goes on from a failed one starts it.
  const again = startStep(place, rows, { ...changes, workflowId: `pipeline/products/${randomUUID()}/scrape` });
  expect(await ended(again)).toMatchObject({
    run,
    batches: 4,
    completed: 4,
    executions: 2,
    kept: 6,
    repeated: 4,
    records: 12,
    published: [{ rows: 12 }],
  });
  expect(place.executionsOf('Fails for now')).toHaveLength(8);
  expect(await readTable(place.out, 'later')).toHaveLength(12);
});

it('goes on with what there is where that is accepted', async () => {
  const task = { ...SCRAPE, name: 'Partly' };
  const step = await startStep(place, rows, {
    task,
    forEach: { parallel: 1 },
    options: { ...publishTo('partly'), accept: 'partial' },
  });
  await expect.poll(() => place.executionsOf('Partly').length, { timeout: 60_000, interval: 20 }).toBe(2);
  place.emulator.setScenario(failing('Partly'));
  expect(await step.result()).toMatchObject({ batches: 4, completed: 2, records: 6, published: [{ rows: 6 }] });
  place.emulator.setScenario(scenario);
});

it('does not begin what it may not finish', async () => {
  const task = { ...SCRAPE, name: 'Too many' };
  const failure = await failureOf(ended(startStep(place, rows, { task, maxExecutions: 3 })));
  expect(failure.message).toContain('4 batches are to be run, and this run may start 3 executions more');
  expect(place.executionsOf('Too many')).toHaveLength(0);
});

it('sends no more batches again than it may start executions', async () => {
  const task = { ...SCRAPE, name: 'Never well' };
  place.emulator.setScenario(failing('Never well'));
  const failure = await failureOf(ended(startStep(place, rows, { task, maxExecutions: 5 })));
  expect(failure).toMatchObject({ type: 'ExecutionFailed' });
  expect(place.executionsOf('Never well')).toHaveLength(5);
  place.emulator.setScenario(scenario);
});
