import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runFolder } from '../../src/activities/staged-run.js';
import { readProgress } from '../../src/client/read-progress.js';
import { batchWorkflowId } from '../../src/domain/batches.js';
import { lockTable } from '../../src/stores/files/table-lock.js';
import { ended, findRows, SCRAPE, startStep } from '../helpers/for-each.js';
import { failureOf, openWorkplace, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace({ emulator: { scenario: SCENARIO } });
  await place.startWorker();
});

afterAll(() => place.close());

const SCENARIO = { seconds: 0, rows: 4, tasks: [{ name: 'Find', rows: 12 }] };
const FOUND = { type: 'object', properties: { url: { type: 'string' } } };
const SMALL = { batch: 3, parallel: 2 };
const HELD = { expect: { minRows: 1_000 }, publish: [{ store: 'local', table: 'held', mode: 'append' }] } as const;

/** Runs a step until a gate holds it. */
async function held(name: string, run: string): Promise<Awaited<ReturnType<typeof findRows>>> {
  const rows = await findRows(place, 'Find');
  const step = startStep(place, rows, { task: { ...SCRAPE, name }, forEach: SMALL, run, options: HELD });
  expect(await failureOf(ended(step))).toMatchObject({ type: 'ExpectationFailed' });
  return rows;
}

function lose(run: string, file = ''): Promise<void> {
  return rm(join(place.staging, runFolder(run), file), { recursive: true });
}

it.each(['', 'task.json', 'values-1.jsonl', 'plan.json', 'batch-2.json'])(
  'a step goes on without its files (%s), exports again what was paid for, and pays for nothing',
  async (file) => {
    const [name, run] = [`Lost ${file === '' ? 'all' : file}`, `pipeline/products/${randomUUID()}/scrape`];
    const rows = await held(name, run);
    await lose(run, file);
    const publish = [{ store: 'local', table: run.replaceAll('/', '_'), mode: 'append' }] as const;
    const result = await ended(
      startStep(place, rows, { task: { ...SCRAPE, name }, forEach: SMALL, run, options: { publish } }),
    );
    expect(result).toMatchObject({ batches: 4, completed: 4, executions: 0, published: [{ rows: 16, inserted: 16 }] });
    expect(place.executionsOf(name)).toHaveLength(4);
    expect(await readTable(place.out, run.replaceAll('/', '_'))).toHaveLength(16);
  },
);

it('the rows of a step whose files are gone feed the next one all the same, in the same batches', async () => {
  const rows = await findRows(place, 'Find');
  const run = `pipeline/products/${randomUUID()}/first`;
  const task = { ...SCRAPE, name: 'Feeds', output_schema: FOUND };
  expect(await ended(startStep(place, rows, { task, forEach: SMALL, run }))).toMatchObject({ completed: 4 });
  const next = (name: string) => startStep(place, [{ run }], { task: { ...SCRAPE, name }, forEach: SMALL });
  const before = await ended(next('Fed'));
  await lose(run);
  const after = await ended(next('Fed'));
  expect(before.batches).toBeGreaterThan(1);
  expect(after.batches).toBe(before.batches);
  const tasks = new Set(place.executionsOf('Fed').map(({ taskName }) => taskName));
  expect(tasks.size).toBe(before.batches);
  expect(place.executionsOf('Feeds')).toHaveLength(4);
});

it('rows that the service has no more are a clear failure, which says what is gone', async () => {
  const rows = await findRows(place, 'Find');
  const run = `pipeline/products/${randomUUID()}/first`;
  await ended(
    startStep(place, rows, { task: { ...SCRAPE, name: 'Forgotten', output_schema: FOUND }, forEach: SMALL, run }),
  );
  for (const { id } of place.executionsOf('Forgotten')) await lose(id);
  await lose(run);
  place.emulator.setScenario({
    ...SCENARIO,
    faults: [{ route: 'GET /executions/:id/results/export', status: 404 }],
  });
  const options = { resultsWithin: '5 seconds' };
  const failure = await failureOf(
    ended(startStep(place, [{ run }], { task: { ...SCRAPE, name: 'Never' }, forEach: SMALL, options })),
  );
  expect(failure).toMatchObject({ type: 'StagingUnavailable' });
  expect(failure.message).toMatch(/the rows of execution \S+ are not staged .* run the pipeline anew/);
  expect(place.executionsOf('Never')).toEqual([]);
}, 120_000);

describe('a step that loses its files while it waits for the lock of its table', () => {
  /** Starts a step, holds its table, and takes the files away before it can publish. */
  async function robbed(name: string, run: string, before = async (): Promise<void> => undefined) {
    const table = name.toLowerCase();
    const lock = await lockTable(join(place.out, table), new AbortController().signal);
    const rows = await findRows(place, 'Find');
    const publish = [{ store: 'local', table, mode: 'append' }] as const;
    const step = await startStep(place, rows, { task: { ...SCRAPE, name }, forEach: SMALL, run, options: { publish } });
    await vi.waitFor(async () => {
      const { pending } = await readProgress(place.client, step.workflowId);
      expect(pending.map(({ waitingFor }) => waitingFor).join()).toContain(`held by process ${process.pid}`);
    }, 40_000);
    await before();
    for (const { id } of place.executionsOf(name)) await lose(id);
    await lose(run);
    return { step, lock };
  }

  it('stages them again, publishes them once, and pays for nothing', async () => {
    place.emulator.setScenario(SCENARIO);
    const { step, lock } = await robbed('robbed', `pipeline/products/${randomUUID()}/scrape`);
    await lock.release();
    expect(await step.result()).toMatchObject({ completed: 4, executions: 4, published: [{ rows: 16, inserted: 16 }] });
    expect(place.executionsOf('robbed')).toHaveLength(4);
    expect(await readTable(place.out, 'robbed')).toHaveLength(16);
  }, 120_000);

  it('starts nothing where Temporal has forgotten what was paid for', async () => {
    place.emulator.setScenario(SCENARIO);
    const run = `pipeline/products/${randomUUID()}/scrape`;
    const workflowId = batchWorkflowId(run, 2, 1);
    const { workflowService, options } = place.client;
    const forget = { namespace: options.namespace, workflowExecution: { workflowId } };
    // A workflow that has closed a moment ago is not always deleted at the first request.
    const forgotten = (): Promise<void> =>
      vi.waitFor(
        async () => {
          await workflowService.deleteWorkflowExecution(forget).catch(() => undefined);
          await expect(place.client.workflow.getHandle(workflowId).describe()).rejects.toThrow('not found');
        },
        { timeout: 60_000, interval: 2_000 },
      );
    const { step, lock } = await robbed('forgotten', run, forgotten);
    await lock.release();
    const failure = await failureOf(step.result());
    expect(failure).toMatchObject({ type: 'RunOutcomeUnknown' });
    expect(failure.message).toContain('4 batches');
    expect(place.executionsOf('forgotten')).toHaveLength(4);
  }, 120_000);
});
