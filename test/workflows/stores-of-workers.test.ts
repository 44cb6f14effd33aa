import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Client } from 'pg';
import { readProgress } from '../../src/client/read-progress.js';
import type { RunTaskResult } from '../../src/domain/run.js';
import { startOwnPostgres, type TestPostgres } from '../helpers/postgres.js';
import { failureOf, openWorkplace, PRODUCT_TASK, readTable, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let standby: TestPostgres;

beforeAll(async () => {
  standby = await startOwnPostgres({ isStandby: true });
  place = await openWorkplace();
});

afterAll(async () => {
  await place.close();
  await standby.stop();
});

function start(name: string, store: string, taskQueue: string) {
  return place.client.workflow.start('runTask', {
    workflowId: `${name}-${randomUUID()}`,
    taskQueue,
    args: [{ task: { ...PRODUCT_TASK, name }, publish: [{ store, table: 'rolling', mode: 'append' }] }],
  });
}

describe('a store that one of two workers has', () => {
  it('gets the rows of every run, each paid once', async () => {
    const taskQueue = `rolling-${randomUUID().slice(0, 8)}`;
    const directory = `${place.out}-new`;
    await Promise.all([
      place.startWorker({ taskQueue }),
      place.startWorker({
        taskQueue,
        stores: { ...place.config.stores, newstore: { kind: 'files', directory, format: 'jsonl' } },
      }),
    ]);
    const runs = await Promise.all(Array.from({ length: 8 }, () => start('Rolling', 'newstore', taskQueue)));
    const results = (await Promise.all(runs.map((run) => run.result()))) as RunTaskResult[];
    expect(results.map(({ published }) => published[0]?.rows)).toEqual(Array.from({ length: 8 }, () => 5));
    expect(place.executionsOf('Rolling')).toHaveLength(8);
    expect(await readTable(directory, 'rolling')).toHaveLength(40);
  }, 120_000);
});

describe('a store that no worker has', () => {
  it('is looked for, then refused, and nothing is paid', async () => {
    const taskQueue = `slip-${randomUUID().slice(0, 8)}`;
    await place.startWorker({ taskQueue });
    const run = await start('Slip', 'locl', taskQueue);
    await vi.waitFor(async () => {
      const { pending } = await readProgress(place.client, run.workflowId);
      expect(pending.map(({ lastFailure }) => lastFailure).join()).toContain('Another worker may have it');
    }, 20_000);
    const failure = await failureOf(run.result());
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toBe(
      'There is no store "locl"; known are "local". Did you mean "local"? No worker that has it came within 30 seconds; add it to the stores file (TITANFLOW_STORES) of the workers, or mend its name in the publication.',
    );
    expect(place.executionsOf('Slip')).toEqual([]);
  }, 90_000);

  it('is waited for once a run is paid for', async () => {
    const taskQueue = `late-${randomUUID().slice(0, 8)}`;
    const stores = { ...place.config.stores, soon: { kind: 'files', directory: place.out, format: 'jsonl' } as const };
    const informed = await place.startWorker({ taskQueue, stores });
    place.emulator.setScenario({ seconds: 6, rows: 5 });
    const run = await start('Late', 'soon', taskQueue);
    await vi.waitFor(() => expect(place.executionsOf('Late')).toHaveLength(1), 20_000);
    await informed.shutdown();
    const uninformed = await place.startWorker({ taskQueue });
    await vi.waitFor(async () => {
      const { below } = await readProgress(place.client, run.workflowId);
      expect(below['execution']?.pending.map(({ lastFailure }) => lastFailure).join()).toContain(
        'There is no store "soon"; known are "local".',
      );
    }, 40_000);
    await uninformed.shutdown();
    await place.startWorker({ taskQueue, stores });
    expect(await run.result()).toMatchObject({ published: [{ rows: 5 }] });
    expect(place.executionsOf('Late')).toHaveLength(1);
  }, 120_000);
});

describe('a failover', () => {
  it('is waited for, and its run is paid once', async () => {
    const taskQueue = `failover-${randomUUID().slice(0, 8)}`;
    const url = standby.url.replace('@', '@127.0.0.1:1,');
    const stores = { ...place.config.stores, ha: { kind: 'postgres', url } as const };
    await place.startWorker({ taskQueue, stores });
    place.emulator.setScenario({ seconds: 1, rows: 5 });
    const run = await start('Failover', 'ha', taskQueue);
    await vi.waitFor(async () => {
      const { pending } = await readProgress(place.client, run.workflowId);
      expect(pending.map(({ lastFailure }) => lastFailure).join()).toContain('it takes no writes (a standby');
    }, 20_000);
    const client = new Client({ connectionString: standby.url });
    await client.connect();
    await client.query('SELECT pg_promote()');
    expect(await run.result()).toMatchObject({ published: [{ rows: 5 }] });
    expect((await client.query('SELECT count(*)::int AS n FROM rolling')).rows).toEqual([{ n: 5 }]);
    await client.end();
    expect(place.executionsOf('Failover')).toHaveLength(1);
  }, 120_000);
});
