import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, findRows, startStep } from '../helpers/for-each.js';
import { openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

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
  const table = await readTable(place.out, 'products');
  expect(new Set(table.map((row) => row['_titan_execution']))).toEqual(new Set(runs.map(({ id }) => id)));
});
