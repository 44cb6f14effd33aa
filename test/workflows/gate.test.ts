import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunTaskInput, RunTaskResult } from '../../src/domain/run.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  const rows = [10, 8, 4].map((count) => ({ name: `Finds ${count}`, rows: count }));
  place = await openWorkplace({ emulator: { scenario: { seconds: 0, tasks: rows } } });
  await place.startWorker();
});

afterAll(() => place.close());

async function find(count: 10 | 8 | 4, tables: readonly string[], changes: Partial<RunTaskInput> = {}) {
  const task = { ...PRODUCT_TASK, name: `Finds ${count}` };
  const publish = tables.map((table) => ({ store: 'local', table, mode: 'append' }) as const);
  return place.titanflow.runTask(randomUUID(), { task, publish, ...changes });
}

async function ended(run: ReturnType<typeof find>): Promise<RunTaskResult> {
  return (await run).result();
}

describe.concurrent('expect.maxDrop', () => {
  it('lets the first publication of a table pass, and those with few rows less', async () => {
    const expectation = { expect: { maxDrop: 0.2 } };
    expect(await ended(find(10, ['few_less'], expectation))).toMatchObject({ published: [{ rows: 10 }] });
    expect(await ended(find(8, ['few_less'], expectation))).toMatchObject({ published: [{ rows: 8 }] });
    expect(await readTable(place.out, 'few_less')).toHaveLength(18);
  });

  it('holds a run with many rows less before anything of it is published, and says the numbers', async () => {
    await ended(find(10, ['many_less']));
    const held = await find(4, ['new_table', 'many_less'], { expect: { maxDrop: 0.5 } });
    const failure = await failureOf(held.result());
    const [{ executionId, published, export: staged }] = failure.details;
    expect(failure).toMatchObject({
      type: 'ExpectationFailed',
      message: `execution ${executionId}: 4 valid rows for local, table many_less, are 60 % fewer than the 10 of its last publication, at most 50 % fewer may be; nothing was published, the export stays staged; publish it all the same: titanflow release execution/${executionId}`,
    });
    expect(published).toEqual([]);
    expect(staged).toMatchObject({ records: 4 });
    expect(await readTable(place.out, 'many_less')).toHaveLength(10);
    await expect(readTable(place.out, 'new_table')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('goes by what was published, not by what was held', async () => {
    await ended(find(10, ['held_between']));
    await failureOf(ended(find(4, ['held_between'], { expect: { maxDrop: 0.3 } })));
    expect(await ended(find(8, ['held_between'], { expect: { maxDrop: 0.3 } }))).toMatchObject({
      published: [{ rows: 8 }],
    });
  });

  it('asks the stores only when it is given', async () => {
    const asked = async (expectation: RunTaskInput['expect']): Promise<boolean> => {
      const run = find(10, ['asked'], expectation ? { expect: expectation } : {});
      const { executionId } = await ended(run);
      const { events } = await place.client.workflow.getHandle(`execution/${executionId}`).fetchHistory();
      return (events ?? []).some(
        ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'readLastRows',
      );
    };
    const all = [undefined, { minRows: 1, maxRejected: 0 }, { maxDrop: 1 }];
    expect(await Promise.all(all.map(asked))).toEqual([false, false, true]);
  });
});
