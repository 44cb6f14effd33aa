import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { RunningCli } from '../helpers/cli.js';
import { findRows, SCRAPE, startStep } from '../helpers/for-each.js';
import { startPostgres, type TestPostgres } from '../helpers/postgres.js';
import { startS3, type TestS3 } from '../helpers/s3-server.js';
import { startWorkerProcess } from '../helpers/worker-process.js';
import { openWorkplace, type Workplace } from '../helpers/workplace.js';

let place: Workplace;
let s3: TestS3;
let postgres: TestPostgres;

beforeAll(async () => {
  [s3, postgres] = await Promise.all([startS3(), startPostgres()]);
  const tasks = [{ name: 'Find', rows: 60 }];
  place = await openWorkplace({ emulator: { scenario: { seconds: 1, rows: 5, tasks } } });
});

afterAll(async () => {
  await place.close();
  await Promise.all([postgres.stop(), s3.stop()]);
});

function startStaging(staging: string): Promise<RunningCli> {
  return startWorkerProcess(place, {
    ...s3.environment,
    TITANFLOW_STAGING: staging,
    TITANFLOW_STORES: join(place.out, '..', 'stores.yaml'),
    TITAN_RPM: '0',
  });
}

it.each(['directory', 's3'] as const)(
  'goes on after its worker was killed, staging in %s, pays for each batch once and loads each row once',
  async (kind) => {
    const staging = kind === 's3' ? `s3://${s3.bucket}/staging` : place.staging;
    const stores = { stores: { warehouse: { kind: 'postgres', url: postgres.url } } };
    await writeFile(join(place.out, '..', 'stores.yaml'), JSON.stringify(stores));
    const name = `Scrape from ${kind}`;
    const first = await startStaging(staging);
    const rows = await findRows(place, 'Find');
    const publish = [{ store: 'warehouse', table: kind, mode: 'replace' }] as const;
    const step = await startStep(place, rows, {
      task: { ...SCRAPE, name },
      forEach: { batch: 3, parallel: 5 },
      options: { publish },
    });
    await vi.waitFor(() => expect(place.executionsOf(name).length).toBeGreaterThan(7), 60_000);

    first.child.kill('SIGKILL');
    await first.ended;
    await startStaging(staging);

    expect(await step.result()).toMatchObject({
      batches: 20,
      completed: 20,
      published: [{ rows: 100, inserted: 100 }],
    });
    expect(place.executionsOf(name)).toHaveLength(20);
    const client = new Client(postgres.url);
    await client.connect();
    const { rows: loaded } = await client.query(
      `SELECT count(*)::int AS rows, count(DISTINCT _titan_execution)::int AS executions FROM ${kind}`,
    );
    await client.end();
    expect(loaded).toEqual([{ rows: 100, executions: 20 }]);
  },
  240_000,
);
