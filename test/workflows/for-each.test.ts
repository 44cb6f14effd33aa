import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, findRows, SCRAPE, startStep } from '../helpers/for-each.js';
import { openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

const FOUND = { type: 'object', properties: { url: { type: 'string' } } };

let place: Workplace;

beforeAll(async () => {
  const tasks = [{ name: 'Find', rows: 23 }];
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, rows: 3, tasks } } });
  await place.startWorker();
});

afterAll(() => place.close());

it('feeds the rows of a step to a task, a batch at a time, and publishes all of them once', async () => {
  const rows = await findRows(place, 'Find');
  const publish = [{ store: 'local', table: 'products', mode: 'append' }] as const;
  const result = await ended(startStep(place, rows, { options: { publish } }));
  expect(result).toMatchObject({
    batches: 5,
    completed: 5,
    records: 15,
    rejected: 0,
    published: [{ rows: 15, inserted: 15 }],
  });
  const runs = place.executionsOf('Scrape');
  expect(runs).toHaveLength(5);
  // What is staged already is read, and not asked for again.
  expect(place.executionsOf('Find')).toMatchObject([{ exports: 1 }]);
  const table = await readTable(place.out, 'products');
  expect(new Set(table.map((row) => row['_titan_execution']))).toEqual(new Set(runs.map(({ id }) => id)));
});

it('takes the rows of another such step, distinct and no more than wanted, and removes the tasks it was told to', async () => {
  const rows = await findRows(place, 'Find');
  const first = await ended(startStep(place, rows, { task: { ...SCRAPE, name: 'First', output_schema: FOUND } }));
  const second = startStep(place, [{ run: first.run }, ...rows, ...rows], {
    task: { ...SCRAPE, name: 'Second' },
    forEach: { batch: 7, max: 30, keepTasks: false },
  });
  // 15 of the first step, 15 of the 23 that are twice among the rest.
  expect(await ended(second)).toMatchObject({ batches: 5, completed: 5, published: [] });
  expect(place.emulator.ledger().counts).toMatchObject({ 'DELETE /tasks/:id': 5 });
});

it('pauses what runs and starts no more, and goes on when it is resumed; when cancelled it stops what runs', async () => {
  place.emulator.setScenario({ seconds: 4, rows: 3 });
  const rows = await findRows(place, 'Find slowly');
  const task = { ...SCRAPE, name: 'Slow' };
  const step = await startStep(place, rows, { task, forEach: { batch: 1, parallel: 2 } });
  const statuses = () => place.executionsOf('Slow').map(({ status }) => status);
  await expect.poll(statuses, { timeout: 30_000 }).toEqual(['running', 'running']);
  await step.executeUpdate('pause');
  expect(statuses()).toEqual(['paused', 'paused']);
  expect(await step.query('progress')).toMatchObject({ pausedSince: expect.any(String), batches: { total: 3 } });
  await step.executeUpdate('resume');
  await expect.poll(() => statuses()[2], { timeout: 30_000 }).toBe('running');
  await step.cancel();
  await expect(step.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(statuses()).toEqual(['completed', 'completed', 'cancelled']);
});
